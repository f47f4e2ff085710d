using System.Net;
using Athens.Federation.Node.Federation.Identity;

namespace Athens.Federation.Node.Federation.Neighbours;

/// <summary>A node on the LAN, or in DNS, that is no peer and has proven its identity key.</summary>
/// <param name="Instance">The name by which it was found.</param>
/// <param name="Key">Proven in a TLS handshake at <paramref name="Endpoint"/>.</param>
/// <param name="Endpoint">Where.</param>
/// <param name="PoolTag">The tag of a pool that it shows, proven by nothing; empty for none.</param>
internal sealed record SeenNeighbour(string Instance, PeerKey Key, IPEndPoint Endpoint, string PoolTag)
{
    /// <summary>It was found in DNS, and not on the LAN.</summary>
    public bool IsPublished { get; init; }
}
