using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Federation.Identity;

/// <summary>Certificates as an attacker would make them: every part can be another than a node's.</summary>
internal static class Certificates
{
    public static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    public static ECDsa P256() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>The extension's value: who claims to be it, and that one's signature over a TLS key.</summary>
    public static byte[] Binding(SigningKey identity, byte[] subjectPublicKeyInfo, string context = "athens-federation-tls-v1:") =>
        Binding(identity.PublicKey.Span, identity.Sign([.. System.Text.Encoding.ASCII.GetBytes(context), .. subjectPublicKeyInfo]));

    public static byte[] Binding(ReadOnlySpan<byte> key, ReadOnlySpan<byte> signature)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteOctetString(key);
            writer.WriteOctetString(signature);
        }

        return writer.Encode();
    }

    public static X509Extension Extension(byte[] value, bool critical = false) => new(IdentityBinding.Oid, value, critical);

    /// <summary>Self-signed with the given extensions, valid around <see cref="Now"/>.</summary>
    public static X509Certificate2 Make(ECDsa key, params X509Extension[] extensions)
    {
        var request = new CertificateRequest("CN=someone", key, HashAlgorithmName.SHA256);
        foreach (var extension in extensions)
        {
            request.CertificateExtensions.Add(extension);
        }

        return request.CreateSelfSigned(Now.AddHours(-1), Now.AddDays(1));
    }

    /// <summary>Genuine in every part but the dates.</summary>
    public static X509Certificate2 Genuine(SigningKey identity, DateTimeOffset from, DateTimeOffset until)
    {
        using var key = P256();
        var request = new CertificateRequest("CN=someone", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(Extension(Binding(identity, key.ExportSubjectPublicKeyInfo())));
        return request.CreateSelfSigned(from, until);
    }
}
