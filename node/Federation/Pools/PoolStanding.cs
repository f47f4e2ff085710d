using Athens.Federation.Node.Provenance.Pool;
using Google.Protobuf;

namespace Athens.Federation.Node.Federation.Pools;

/// <summary>Questions to a pool's state.</summary>
internal static class PoolStanding
{
    /// <summary>False while this node's organization is joining, and after it was removed.</summary>
    public static bool HasOwnOrg(this PoolState state) => state.Root.Find(state.OwnOrg) is not null;

    /// <summary>Whether its organization was one of the pool's and is no more.</summary>
    public static bool WasRemoved(this PoolState state) => !state.HasOwnOrg() && state.Chain.Any(root => root.Root.Find(state.OwnOrg) is not null);

    /// <summary>Whether a node is a member now, by its identity key.</summary>
    public static bool HasMember(this PoolState state, ReadOnlyMemory<byte> identity) =>
        state.Members.Any(member => member.Statement.Identity.Span.SequenceEqual(identity.Span));

    /// <summary>The pool as messages name it.</summary>
    public static ByteString WireId(this PoolState state) => ByteString.CopyFrom(Convert.FromHexString(state.Id));

    /// <summary>The newest roots as messages name them, the newest first.</summary>
    public static IEnumerable<ByteString> NewestRoots(this PoolState state) =>
        state.Chain.Reverse().Take(PoolBounds.MaxKnownRoots).Select(static root => ByteString.CopyFrom(Convert.FromHexString(root.Root.Sha256)));
}
