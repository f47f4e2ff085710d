using System.Net;
using Athens.Federation.Node.Federation.Identity;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>Addresses where a peer may be, besides the one that is configured. Nobody is believed for answering there: TLS decides. Safe for any thread.</summary>
internal interface IPeerHints
{
    /// <summary>Completes when some peer's addresses have changed since this was taken.</summary>
    Task Next { get; }

    /// <summary>At most <see cref="PeerTarget.MaxHints"/>; empty when nothing is known.</summary>
    IReadOnlyList<IPEndPoint> For(PeerKey key);
}
