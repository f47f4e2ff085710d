using System.Security.Cryptography;

namespace NSec.Cryptography;

/// <summary>A private key and its public one. The private bytes live in libcrypto, which wipes them when the last use of a disposed key ends.</summary>
public sealed class Key : IDisposable
{
    private int exported;

    private Key(SignatureAlgorithm algorithm, KeyExportPolicies exportPolicy, EvpKeyHandle handle)
    {
        Algorithm = algorithm;
        ExportPolicy = exportPolicy;
        Handle = handle;
        PublicKey = new PublicKey(algorithm, LibCrypto.PublicKeyOf(handle));
    }

    public Algorithm Algorithm { get; }

    public KeyExportPolicies ExportPolicy { get; }

    public PublicKey PublicKey { get; }

    internal EvpKeyHandle Handle { get; }

    /// <summary>A new random key.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="algorithm"/> is null.</exception>
    public static Key Create(Algorithm algorithm, in KeyCreationParameters creationParameters = default)
    {
        Span<byte> seed = stackalloc byte[Ed25519.SeedSize];
        try
        {
            RandomNumberGenerator.Fill(seed);
            return Import(algorithm, seed, KeyBlobFormat.RawPrivateKey, in creationParameters);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <exception cref="ArgumentNullException"><paramref name="algorithm"/> is null.</exception>
    /// <exception cref="ArgumentException">The format is not one of a private key.</exception>
    /// <exception cref="FormatException">The bytes are no key.</exception>
    public static Key Import(
        Algorithm algorithm, ReadOnlySpan<byte> blob, KeyBlobFormat format, in KeyCreationParameters creationParameters = default) =>
        TryImport(algorithm, blob, format, out var key, in creationParameters)
            ? key!
            : throw new FormatException("The key blob is not in the correct format.");

    /// <summary>False when the bytes are no key.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="algorithm"/> is null.</exception>
    /// <exception cref="ArgumentException">The format is not one of a private key.</exception>
    public static bool TryImport(
        Algorithm algorithm, ReadOnlySpan<byte> blob, KeyBlobFormat format, out Key? result, in KeyCreationParameters creationParameters = default)
    {
        ArgumentNullException.ThrowIfNull(algorithm);
        if (format != KeyBlobFormat.RawPrivateKey)
        {
            throw Unsupported(format);
        }

        result = blob.Length == Ed25519.SeedSize
            ? new Key((SignatureAlgorithm)algorithm, creationParameters.ExportPolicy, LibCrypto.ImportSeed(blob))
            : null;
        return result is not null;
    }

    /// <exception cref="InvalidOperationException">The key may not be exported, or not again.</exception>
    /// <exception cref="ObjectDisposedException">The key has been disposed.</exception>
    /// <exception cref="ArgumentException">The format is not supported.</exception>
    public byte[] Export(KeyBlobFormat format)
    {
        if (format > 0)
        {
            return PublicKey.Export(format);
        }

        ObjectDisposedException.ThrowIf(Handle.IsClosed, this);
        RequireExport();
        if (format != KeyBlobFormat.RawPrivateKey)
        {
            throw Unsupported(format);
        }

        var seed = LibCrypto.ExportSeed(Handle);
        Volatile.Write(ref exported, 1);
        return seed;
    }

    public void Dispose() => Handle.Dispose();

    internal static ArgumentException Unsupported(KeyBlobFormat format) =>
        new($"The algorithm does not support the key blob format '{format}'.", nameof(format));

    private void RequireExport()
    {
        if ((ExportPolicy & KeyExportPolicies.AllowPlaintextExport) != 0)
        {
            return;
        }

        if ((ExportPolicy & KeyExportPolicies.AllowPlaintextArchiving) == 0)
        {
            throw new InvalidOperationException("The export policy does not allow the key to be exported.");
        }

        if (Volatile.Read(ref exported) != 0)
        {
            throw new InvalidOperationException("The export policy allows the key to be exported once, and it has been.");
        }
    }
}
