namespace NSec.Cryptography;

/// <summary>Ed25519 (RFC 8032), pure, over the system's libcrypto.</summary>
public sealed class Ed25519 : SignatureAlgorithm
{
    internal const int SeedSize = 32;
    internal const int PointSize = 32;

    public Ed25519()
        : base(SeedSize, PointSize, signatureSize: 64)
    {
    }

    private protected override void SignCore(Key key, ReadOnlySpan<byte> data, Span<byte> signature) =>
        LibCrypto.Sign(key.Handle, data, signature);

    /// <summary>
    /// As strict as libsodium, which the published package uses. libcrypto by itself takes a public key whose y is not below the
    /// field's prime, and points of small order, for which one signature fits many messages; it refuses S that is not below the group's order,
    /// and an R that is not in canonical form (it compares the bytes of R).
    /// </summary>
    private protected override bool VerifyCore(PublicKey publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        var point = publicKey.Bytes;
        return EdwardsEncoding.IsCanonical(point)
            && !EdwardsEncoding.HasSmallOrder(point)
            && !EdwardsEncoding.HasSmallOrder(signature[..PointSize])
            && EdwardsEncoding.IsReducedScalar(signature[PointSize..])
            && LibCrypto.Verify(point, data, signature);
    }
}
