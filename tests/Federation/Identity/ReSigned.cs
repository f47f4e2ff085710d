using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Athens.Federation.Tests.Federation.Identity;

/// <summary>A certificate with some bytes of its signed part replaced by as many others, signed again.</summary>
internal static class ReSigned
{
    public static X509Certificate2 With(X509Certificate2 certificate, ECDsa key, byte[] old, byte[] replacement)
    {
        Assert.Equal(old.Length, replacement.Length);
        var parts = new AsnReader(certificate.RawData, AsnEncodingRules.DER).ReadSequence();
        var signed = parts.ReadEncodedValue().ToArray();
        var algorithm = parts.ReadEncodedValue();
        var at = signed.AsSpan().IndexOf(old);
        Assert.True(at >= 0);
        replacement.CopyTo(signed, at);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(signed);
            writer.WriteEncodedValue(algorithm.Span);
            writer.WriteBitString(key.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        }

        return X509CertificateLoader.LoadCertificate(writer.Encode());
    }
}
