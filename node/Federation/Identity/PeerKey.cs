using System.Buffers.Binary;
using System.Security.Cryptography;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Federation.Identity;

/// <summary>Who a peer is: its 32-byte Ed25519 identity key, whatever its name and address. As text <c>ed25519:</c> and base64.</summary>
internal readonly record struct PeerKey
{
    public const int Size = Ed25519Signature.PublicKeySize;

    private const string Prefix = "ed25519:";
    private const int ShortDigits = 8;

    private static readonly byte[] Nobody = new byte[Size];

    private readonly byte[]? key;

    private PeerKey(byte[] key) => this.key = key;

    public ReadOnlyMemory<byte> Bytes => key ?? Nobody;

    /// <summary>Eight hex digits of the key's SHA-256, for log lines; people compare the whole text.</summary>
    public string Short => Convert.ToHexStringLower(SHA256.HashData(Bytes.Span))[..ShortDigits];

    /// <exception cref="ArgumentException">The key has not 32 bytes.</exception>
    public static PeerKey Of(ReadOnlySpan<byte> key32) =>
        key32.Length == Size ? new PeerKey(key32.ToArray()) : throw new ArgumentException("An identity key has 32 bytes.", nameof(key32));

    /// <summary>Reads <c>ed25519:…</c>, as <c>athens key show</c> prints it; or says in one sentence why the text is no key.</summary>
    public static bool TryParse(string text, out PeerKey key, out string? reason)
    {
        key = default;
        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            reason = $"an identity key begins with {Prefix}; `athens key show` on the peer prints it";
            return false;
        }

        if (StrictBase64.Decode(text.AsSpan(Prefix.Length)) is not { Length: Size } bytes)
        {
            reason = $"behind {Prefix} stand the 44 characters of a 32-byte key in base64; `athens key show` on the peer prints it";
            return false;
        }

        reason = null;
        key = new PeerKey(bytes);
        return true;
    }

    public bool Equals(PeerKey other) => Bytes.Span.SequenceEqual(other.Bytes.Span);

    public override int GetHashCode() => BinaryPrimitives.ReadInt32LittleEndian(Bytes.Span);

    public override string ToString() => Prefix + Convert.ToBase64String(Bytes.Span);
}
