using System.Net;
using Athens.Federation.Node.Federation.Identity;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>What every connection to a peer is made with: this node's certificate, its name, the clock, what counts as the LAN.</summary>
internal sealed class PeerDialer
{
    private readonly NodeCertificate certificate;
    private readonly Func<IPAddress, bool> isLocal;

    /// <summary>Guards <see cref="random"/>, which is not thread-safe.</summary>
    private readonly Lock gate = new();
    private readonly Random random;

    /// <param name="certificate">This node's; renews itself.</param>
    /// <param name="hello">What this node says of itself.</param>
    /// <param name="isLocal">Is an address on this machine or in one of its own networks? See <see cref="LocalNetworks"/>.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">For delays: nodes that lost the same peer must not all come back at once.</param>
    public PeerDialer(
        NodeCertificate certificate, Wire.WhoAreYouRequest hello, Func<IPAddress, bool> isLocal, TimeProvider time, Random random)
    {
        this.certificate = certificate;
        this.isLocal = isLocal;
        this.random = random;
        Hello = hello;
        Time = time;
        Transport = new HttpTransport(certificate, Rotate);
    }

    /// <summary>This node's identity.</summary>
    public PeerKey Own => certificate.Key;

    public Wire.WhoAreYouRequest Hello { get; }

    public TimeProvider Time { get; }

    /// <summary>How peers are reached; over HTTP when nothing else is said.</summary>
    public IPeerTransport Transport { get; init; }

    /// <summary>Where peers may be besides where the configuration says.</summary>
    public IPeerHints Hints { get; init; } = new NoHints();

    /// <summary>Between 80 % and 120 % of a delay.</summary>
    public TimeSpan Jitter(TimeSpan delay)
    {
        lock (gate)
        {
            return delay * (0.8 + (0.4 * random.NextDouble()));
        }
    }

    /// <summary>
    /// The addresses of a peer in an order that begins anywhere: one attempt has time for one that is silent, so a machine whose
    /// first address is never answered (IPv6 that leads nowhere) is reached at another attempt.
    /// </summary>
    public IPAddress[] Rotate(IPAddress[] addresses)
    {
        lock (gate)
        {
            int first = random.Next(addresses.Length);
            return [.. addresses[first..], .. addresses[..first]];
        }
    }

    /// <summary>Where to dial a peer, in order: where it was last reached, where the configuration says, where others say that it is.</summary>
    public IReadOnlyList<PeerTarget> Targets(PeerOptions peer, PeerTarget? last)
    {
        List<PeerTarget> targets = peer.Endpoint.Length > 0 ? [new PeerTarget(peer.Endpoint, null)] : [];
        targets.AddRange(Hints.For(peer.Key).Select(PeerTarget.Of));
        return last is not null && targets.Remove(last) ? [last, .. targets] : targets;
    }

    public PeerSession Begin(Peer peer, PeerTarget target) => new(peer, this, target);

    public bool IsLocal(IPAddress address) => isLocal(address);

    public System.Net.Security.SslClientAuthenticationOptions Tls(PeerKey key, Action<PeerKey?, string> refused) =>
        PeerTls.ClientOptions(certificate, key, refused);

    /// <summary>For a handshake that is there to learn who the other side is; told its key, or what is wrong with its certificate.</summary>
    public System.Net.Security.SslClientAuthenticationOptions TlsOfAnybody(Action<PeerKey?, string?> shown) => PeerTls.ClientOptionsOfAnybody(certificate, shown);
}
