using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Federation.Identity;

/// <summary>
/// This node's TLS certificate: ECDSA P-256, self-made, bound to the identity key, its private key only in memory. Made anew when half of its
/// life is over, at the next look. Thread safe.
/// </summary>
internal sealed class NodeCertificate : IDisposable
{
    /// <summary>Long enough that a node that was asleep for weeks still has a good one; a new one costs a millisecond.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(90);

    /// <summary>How far a peer's clock may be behind.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromHours(1);

    /// <summary>Names prove nothing here, and an office's name has no business in a handshake that anybody can watch or ask for.</summary>
    private const string Subject = "CN=athens-federation";

    private readonly SigningKey identity;
    private readonly TimeProvider time;

    /// <summary>Guards the two certificates.</summary>
    private readonly Lock gate = new();

    private Made current;

    /// <summary>The one before: a handshake that began with it may still use it, for far less than half a life.</summary>
    private Made? previous;

    public NodeCertificate(SigningKey identity, TimeProvider time)
    {
        this.identity = identity;
        this.time = time;
        Key = PeerKey.Of(identity.PublicKey.Span);
        current = Make();
    }

    /// <summary>Who this node is to its peers.</summary>
    public PeerKey Key { get; }

    /// <summary>With its private key. Good for at least half of its life; not to be disposed of, nor kept for longer than a handshake.</summary>
    public X509Certificate2 Current => Fresh().Certificate;

    /// <summary>The same, as SslStream and Kestrel take it: sends the certificate alone and never asks the network about it.</summary>
    public SslStreamCertificateContext Context => Fresh().Context;

    /// <summary>
    /// The identity behind a certificate, or null and why there is none, in one sentence. Checks its length, the dates, that the key is on P-256,
    /// that the certificate is signed by it, and that the identity key signed it. A chain or a name counts for nothing. Never throws.
    /// </summary>
    public static PeerKey? KeyOf(X509Certificate2? certificate, DateTimeOffset now, out string? reason) =>
        CertificateCheck.KeyOf(certificate, now, out reason);

    /// <summary><see cref="KeyOf"/> by this node's clock.</summary>
    public PeerKey? KeyOf(X509Certificate2? certificate, out string? reason) => KeyOf(certificate, time.GetUtcNow(), out reason);

    public void Dispose()
    {
        lock (gate)
        {
            current.Certificate.Dispose();
            previous?.Certificate.Dispose();
        }
    }

    private Made Fresh()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();

            // A clock that was set back leaves a certificate that is not valid yet.
            if (now >= current.RenewAt || now < current.From)
            {
                previous?.Certificate.Dispose();
                previous = current;
                current = Make();
            }

            return current;
        }
    }

    private Made Make()
    {
        var now = time.GetUtcNow();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(IdentityBinding.Make(identity, request.PublicKey.ExportSubjectPublicKeyInfo()));
        var certificate = request.CreateSelfSigned(now - Skew, now + Life);
        return new Made(certificate, SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true), now - Skew, now + (Life / 2));
    }

    private sealed record Made(X509Certificate2 Certificate, SslStreamCertificateContext Context, DateTimeOffset From, DateTimeOffset RenewAt);
}
