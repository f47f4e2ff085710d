using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Federation.Identity;

/// <summary>
/// The certificate extension that says whose TLS key this is, as libp2p does it: DER SEQUENCE { OCTET STRING identity key, OCTET STRING
/// signature }, where the identity key signs a fixed text and the DER of the certificate's SubjectPublicKeyInfo.
/// </summary>
/// <param name="Key">The identity key that claims the certificate; believed only after <see cref="IsOf"/>.</param>
/// <param name="Signature">64 bytes.</param>
internal sealed record IdentityBinding(PeerKey Key, ReadOnlyMemory<byte> Signature)
{
    /// <summary>An arc of our own: 2.25 and a random UUID (ITU-T X.667), which needs no registration.</summary>
    public const string Oid = "2.25.311621771988437066511125614266684292976";

    /// <summary>Keeps signatures of the identity key over TLS keys apart from everything else it may ever sign.</summary>
    private static ReadOnlySpan<byte> Context => "athens-federation-tls-v1:"u8;

    public static X509Extension Make(SigningKey identity, ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteOctetString(identity.PublicKey.Span);
            writer.WriteOctetString(identity.Sign([.. Context, .. subjectPublicKeyInfo]));
        }

        return new X509Extension(Oid, writer.Encode(), critical: false);
    }

    /// <summary>Null when the extension's value has another form.</summary>
    /// <exception cref="AsnContentException">It is not DER.</exception>
    public static IdentityBinding? Read(ReadOnlyMemory<byte> value)
    {
        var outer = new AsnReader(value, AsnEncodingRules.DER);
        var parts = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var key = parts.ReadOctetString();
        var signature = parts.ReadOctetString();
        parts.ThrowIfNotEmpty();
        return key.Length == PeerKey.Size && signature.Length == Ed25519Signature.SignatureSize ? new IdentityBinding(PeerKey.Of(key), signature) : null;
    }

    /// <summary>Whether the identity key signed this TLS key.</summary>
    public bool IsOf(ReadOnlySpan<byte> subjectPublicKeyInfo) =>
        Ed25519Signature.Verify(Key.Bytes.Span, [.. Context, .. subjectPublicKeyInfo], Signature.Span);
}
