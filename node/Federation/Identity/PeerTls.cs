using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Athens.Federation.Node.Federation.Identity;

/// <summary>
/// TLS between nodes: version 1.3 only, both sides with a certificate, the identity key in it decides and nothing else. No session is ever
/// resumed: a resumed one shows no certificate, and its peer may have been removed or its certificate have expired since.
/// </summary>
internal static class PeerTls
{
    /// <summary>Sent in clear by every client in place of the peer's host name, which may be an internal one.</summary>
    private const string ServerName = "athens-federation";

    /// <summary>A handshake is three messages; whoever takes longer only holds a connection.</summary>
    private static readonly TimeSpan HandshakeLimit = TimeSpan.FromSeconds(10);

    /// <summary>
    /// For Kestrel's <c>UseHttps</c>: asked for each connection, so that a renewed certificate is used at once.
    /// <paramref name="known"/> and <paramref name="refused"/> are called during handshakes, on several threads, and must not block.
    /// </summary>
    /// <param name="certificate">This node's.</param>
    /// <param name="known">Whether a key is a peer's; asked with every handshake.</param>
    /// <param name="refused">Told why a client was not let in, in one sentence, and its key when it proved one.</param>
    public static TlsHandshakeCallbackOptions KestrelOptions(NodeCertificate certificate, Func<PeerKey, bool> known, Action<PeerKey?, string>? refused = null) => new()
    {
        HandshakeTimeout = HandshakeLimit,
        OnConnection = _ => ValueTask.FromResult(ServerOptions(certificate, known, refused)),
    };

    /// <summary>For one connection; see <see cref="KestrelOptions"/>.</summary>
    public static SslServerAuthenticationOptions ServerOptions(NodeCertificate certificate, Func<PeerKey, bool> known, Action<PeerKey?, string>? refused = null) => new()
    {
        ServerCertificateContext = certificate.Context,
        ClientCertificateRequired = true,
        EnabledSslProtocols = SslProtocols.Tls13,
        ApplicationProtocols = [SslApplicationProtocol.Http2],
        AllowRenegotiation = false,
        AllowTlsResume = false,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        CertificateChainPolicy = NoChain(),
        RemoteCertificateValidationCallback = (_, presented, _, _) =>
        {
            var key = certificate.KeyOf(presented as X509Certificate2, out var reason);
            if (key is { } proven && !known(proven))
            {
                reason = $"the key {proven} is no peer of this node";
            }

            return Decide(key, reason, refused);
        },
    };

    /// <summary>For all connections to one peer, as SslStream and SocketsHttpHandler take it. Its key is proven when the handshake succeeds.</summary>
    /// <param name="certificate">This node's.</param>
    /// <param name="expected">The key that is pinned for the peer.</param>
    /// <param name="refused">Told why the other side was not believed, in one sentence, and its key when it proved one: then it is another one's.</param>
    public static SslClientAuthenticationOptions ClientOptions(NodeCertificate certificate, PeerKey expected, Action<PeerKey?, string>? refused = null) =>
        ClientOptions(certificate, presented =>
        {
            var key = certificate.KeyOf(presented, out var reason);
            if (key is { } proven && proven != expected)
            {
                reason = $"it proved to be {proven}, but the key pinned for this peer is {expected}";
            }

            return Decide(key, reason, refused);
        });

    /// <summary>For one connection over which nothing is said: any node will do.</summary>
    /// <param name="certificate">This node's.</param>
    /// <param name="shown">Told the other side's key, which is proven when the handshake succeeds, or why there is none.</param>
    public static SslClientAuthenticationOptions ClientOptionsOfAnybody(NodeCertificate certificate, Action<PeerKey?, string?> shown) =>
        ClientOptions(certificate, presented =>
        {
            var key = certificate.KeyOf(presented, out var reason);
            shown(key, reason);
            return reason is null;
        });

    private static SslClientAuthenticationOptions ClientOptions(NodeCertificate certificate, Predicate<X509Certificate2?> believes) => new()
    {
        TargetHost = ServerName,

        // Asked for each connection: an HttpClient that lives for months goes on with the renewed certificate.
        LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate.Current,
        EnabledSslProtocols = SslProtocols.Tls13,
        ApplicationProtocols = [SslApplicationProtocol.Http2],
        AllowRenegotiation = false,
        AllowTlsResume = false,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        CertificateChainPolicy = NoChain(),
        RemoteCertificateValidationCallback = (_, presented, _, _) => believes(presented as X509Certificate2),
    };

    private static bool Decide(PeerKey? key, string? reason, Action<PeerKey?, string>? refused)
    {
        if (reason is not null)
        {
            refused?.Invoke(key, reason);
        }

        return reason is null;
    }

    /// <summary>.NET builds a chain before it asks the callback. Without this a stranger's certificate could name addresses to fetch issuers from.</summary>
    private static X509ChainPolicy NoChain() => new()
    {
        DisableCertificateDownloads = true,
        RevocationMode = X509RevocationMode.NoCheck,
        TrustMode = X509ChainTrustMode.CustomRootTrust,
    };
}
