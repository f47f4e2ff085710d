using System.Net;

namespace Athens.Federation.Node.Discovery;

/// <summary>A node that says on the LAN, or of which DNS says, that it is there. A hint: nothing of it is proven before its TLS identity is.</summary>
/// <param name="Instance">Its DNS-SD instance name, such as <c>athens-1f2e3d4c</c>; printable ASCII of at most 63 characters.</param>
/// <param name="Endpoints">Where it says that peers reach it: 1 to 8; of one on the LAN all in networks that this machine is itself a part of.</param>
/// <param name="ClaimedKey">The 32 bytes of the identity key that it claims.</param>
/// <param name="PoolTag">The tag of its pool, 12 characters; empty when it is in none.</param>
internal sealed record Neighbour(string Instance, IReadOnlyList<IPEndPoint> Endpoints, ReadOnlyMemory<byte> ClaimedKey, string PoolTag)
{
    public const int MaxEndpoints = 8;

    /// <summary>DNS says so, and not the LAN.</summary>
    public bool IsPublished { get; init; }

    public bool Equals(Neighbour? other) => other is not null
        && IsPublished == other.IsPublished
        && string.Equals(Instance, other.Instance, StringComparison.Ordinal)
        && string.Equals(PoolTag, other.PoolTag, StringComparison.Ordinal)
        && ClaimedKey.Span.SequenceEqual(other.ClaimedKey.Span)
        && Endpoints.SequenceEqual(other.Endpoints);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Instance);
}
