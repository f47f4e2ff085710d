using Athens.Federation.Node.Federation.Identity;

namespace Athens.Federation.Node.Federation;

/// <summary>What a peer's records are worth.</summary>
internal enum PeerTrust
{
    /// <summary>A source of bytes only.</summary>
    None,

    /// <summary>Its signed records are believed: bytes from anywhere that match them are accepted.</summary>
    Observe,
}

/// <summary>One peer: a <c>[[peer]]</c> of the configuration, or what another origin says in the same words.</summary>
/// <param name="Name">What logs and <c>X-Athens-Source</c> call it.</param>
/// <param name="Endpoint">HOST:PORT where it is dialled; empty: it is not known or cannot be dialled.</param>
/// <param name="Key">Its identity: whoever shows another key there is not this peer.</param>
/// <param name="Org">Its organization; empty when none is told.</param>
/// <param name="Trust">What its records are worth.</param>
internal sealed record PeerOptions(string Name, string Endpoint, PeerKey Key, string Org, PeerTrust Trust)
{
    /// <summary>The key of its log, as its organization has signed for it; empty when it has not.</summary>
    public string Log { get; init; } = "";

    /// <summary>Who says so.</summary>
    public PeerOrigin Origin { get; init; }
}
