using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Federation.Pools;

/// <summary>What this node says of itself to the pool, once its organization's key has signed it.</summary>
internal sealed class OwnStatement(NodeKeys keys, OwnEndpoints endpoints, string nodeName, TimeProvider time)
{
    /// <summary>Characters of a node's name in a statement.</summary>
    private const int MaxName = 64;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public ReadOnlyMemory<byte> Identity => keys.Identity.PublicKey;

    /// <summary>As it is now, from now on.</summary>
    /// <param name="poolId">Of which pool.</param>
    /// <param name="org">Of which organization.</param>
    /// <param name="life">How long it is good for.</param>
    /// <param name="after">One that it takes the place of: it is issued later.</param>
    public NodeStatement Make(string poolId, string org, TimeSpan life, NodeStatement? after = null)
    {
        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset issued = after is not null && after.Issued >= now - Second ? after.Issued + Second : now;
        return NodeStatement.Create(
            poolId, org, new NodeDescription(NameOf(nodeName), Identity, keys.Log.Verifier, CosignatureVerifier.Of(keys.Witness), endpoints.Current), issued, life);
    }

    /// <summary>Whether a statement says what is so, and for long enough still.</summary>
    public bool IsGood(NodeStatement statement) =>
        statement.Endpoints.SequenceEqual(endpoints.Current, StringComparer.Ordinal)
        && statement.Log.ToString() == keys.Log.Verifier.ToString()
        && statement.Expires - time.GetUtcNow() > (statement.Expires - statement.Issued) / 2;

    /// <summary>A node's name with what a statement cannot have replaced.</summary>
    private static string NameOf(string name)
    {
        string fit = string.Concat(name.Take(MaxName).Select(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-'));
        return fit.Length == 0 ? "node" : fit;
    }
}
