using NSec.Cryptography;

namespace Athens.Federation.Node.Transparency;

/// <summary>Checks of bare Ed25519 signatures (RFC 8032), as strict as libsodium: no points of small order, one encoding of everything.</summary>
internal static class Ed25519Signature
{
    public const int PublicKeySize = 32;
    public const int SignatureSize = 64;

    private static readonly VerifiedSignatures Verified = new();

    /// <summary>False for anything but a good signature, whatever is wrong with the key or the signature.</summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey32, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature64)
    {
        var name = VerifiedSignatures.NameOf(publicKey32, message, signature64);
        if (name is { } known && Verified.Contains(known))
        {
            return true;
        }

        var isGood = PublicKey.TryImport(SignatureAlgorithm.Ed25519, publicKey32, KeyBlobFormat.RawPublicKey, out var key)
            && SignatureAlgorithm.Ed25519.Verify(key!, message, signature64);
        if (isGood && name is { } good)
        {
            Verified.Add(good);
        }

        return isGood;
    }
}
