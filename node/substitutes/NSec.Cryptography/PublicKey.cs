namespace NSec.Cryptography;

/// <summary>A public key. Its bytes are not judged before they are used: see <see cref="Ed25519"/>.</summary>
public sealed class PublicKey : IEquatable<PublicKey>
{
    private readonly byte[] bytes;

    internal PublicKey(SignatureAlgorithm algorithm, byte[] bytes)
    {
        Algorithm = algorithm;
        this.bytes = bytes;
    }

    public Algorithm Algorithm { get; }

    public int Size => bytes.Length;

    internal ReadOnlySpan<byte> Bytes => bytes;

    /// <exception cref="ArgumentNullException"><paramref name="algorithm"/> is null.</exception>
    /// <exception cref="ArgumentException">The format is not one of a public key.</exception>
    /// <exception cref="FormatException">The bytes are no key.</exception>
    public static PublicKey Import(Algorithm algorithm, ReadOnlySpan<byte> blob, KeyBlobFormat format) =>
        TryImport(algorithm, blob, format, out var key) ? key! : throw new FormatException("The key blob is not in the correct format.");

    /// <summary>False when the bytes are no key.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="algorithm"/> is null.</exception>
    /// <exception cref="ArgumentException">The format is not one of a public key.</exception>
    public static bool TryImport(Algorithm algorithm, ReadOnlySpan<byte> blob, KeyBlobFormat format, out PublicKey? result)
    {
        ArgumentNullException.ThrowIfNull(algorithm);
        if (format != KeyBlobFormat.RawPublicKey)
        {
            throw Key.Unsupported(format);
        }

        result = blob.Length == Ed25519.PointSize ? new PublicKey((SignatureAlgorithm)algorithm, blob.ToArray()) : null;
        return result is not null;
    }

    /// <exception cref="ArgumentException">The format is not supported.</exception>
    public byte[] Export(KeyBlobFormat format) =>
        format == KeyBlobFormat.RawPublicKey ? [.. bytes] : throw Key.Unsupported(format);

    public bool Equals(PublicKey? other) => other is not null && other.Algorithm == Algorithm && bytes.AsSpan().SequenceEqual(other.bytes);

    public override bool Equals(object? obj) => Equals(obj as PublicKey);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(bytes);
        return hash.ToHashCode();
    }
}
