using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Athens.Federation.Node.Federation.Identity;

/// <summary>Judges a certificate that a stranger sent: nothing counts but the key, its binding to an identity, and the dates.</summary>
internal static class CertificateCheck
{
    /// <summary>Bytes. Ours have about 550.</summary>
    public const int MaxLength = 4096;

    /// <summary>Ours have one extension.</summary>
    private const int MaxExtensions = 16;

    private const string EcdsaWithSha256 = "1.2.840.10045.4.3.2";

    /// <summary>
    /// SubjectPublicKeyInfo of an uncompressed point on the named curve P-256 up to the point (RFC 5480). Compared as bytes: explicit
    /// parameters that only look like the curve, and every other algorithm, do not begin so.
    /// </summary>
    private static readonly byte[] P256 = Convert.FromHexString("3059301306072a8648ce3d020106082a8648ce3d03010703420004");

    private const int PointSize = 64;

    /// <summary>The identity behind the certificate, or null and why there is none, in one sentence. Never throws.</summary>
    public static PeerKey? KeyOf(X509Certificate2? certificate, DateTimeOffset now, out string? reason)
    {
        if (certificate is null)
        {
            reason = "no certificate was presented";
            return null;
        }

        try
        {
            reason = FindWrong(certificate, now, out var key);
            return reason is null ? key : null;
        }
        catch (Exception error)
        {
            // What a parser makes of hostile bytes is not its documented list of exceptions; the answer to any of them is no.
            reason = $"the certificate cannot be read ({error.GetType().Name})";
            return null;
        }
    }

    private static string? FindWrong(X509Certificate2 certificate, DateTimeOffset now, out PeerKey key)
    {
        key = default;
        if (certificate.RawDataMemory.Length > MaxLength)
        {
            return $"the certificate is longer than {MaxLength} bytes";
        }

        var info = certificate.PublicKey.ExportSubjectPublicKeyInfo();
        if (info.Length != P256.Length + PointSize || !info.AsSpan().StartsWith(P256))
        {
            return "the certificate's key is not an ECDSA key on P-256";
        }

        return FindWrongDate(certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime(), now.UtcDateTime)
            ?? (!IsSelfSigned(certificate) ? "the certificate is not signed by its own key" : FindWrongBinding(certificate, info, out key));
    }

    private static string? FindWrongDate(DateTime from, DateTime until, DateTime now) =>
        now < from ? $"the certificate is not valid before {from:u}, and it is {now:u} here: compare the clocks"
        : now >= until ? $"the certificate expired {until:u}, and it is {now:u} here: compare the clocks"
        : null;

    private static string? FindWrongBinding(X509Certificate2 certificate, byte[] info, out PeerKey key)
    {
        key = default;
        var oids = certificate.Extensions.Select(extension => extension.Oid?.Value).ToList();
        if (oids.Count > MaxExtensions || oids.Distinct(StringComparer.Ordinal).Count() != oids.Count)
        {
            return "the certificate has an extension twice, or too many of them";
        }

        var at = oids.IndexOf(IdentityBinding.Oid);
        if (at < 0)
        {
            return "the certificate names no identity: the other side is not an athens node";
        }

        if (IdentityBinding.Read(certificate.Extensions[at].RawData) is not { } binding)
        {
            return "the certificate's identity is not a key and a signature";
        }

        if (!binding.IsOf(info))
        {
            return $"the identity key {binding.Key} did not sign this certificate's key";
        }

        key = binding.Key;
        return null;
    }

    private static bool IsSelfSigned(X509Certificate2 certificate)
    {
        var outer = new AsnReader(certificate.RawDataMemory, AsnEncodingRules.DER);
        var parts = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var signed = parts.ReadEncodedValue();
        var algorithm = parts.ReadSequence();
        var signature = parts.ReadBitString(out var unusedBits);
        parts.ThrowIfNotEmpty();
        using var key = certificate.GetECDsaPublicKey();
        return algorithm.ReadObjectIdentifier() == EcdsaWithSha256
            && !algorithm.HasData
            && unusedBits == 0
            && key is not null
            && key.VerifyData(signed.Span, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }
}
