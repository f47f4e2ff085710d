using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Athens.Federation.Node.Transparency;

/// <summary>
/// How public keys are written, <c>name+hash+base64(algorithm, key)</c>, and numbered (c2sp.org/signed-note, "verifier keys"). The algorithm
/// is part of both, so one key has another number for each use.
/// </summary>
internal static class VerifierKey
{
    /// <summary>The first four bytes, big endian, of SHA-256(name, LF, algorithm, key).</summary>
    public static uint HashOf(string name, byte algorithm, ReadOnlySpan<byte> publicKey)
    {
        byte[] hashed = [.. Encoding.UTF8.GetBytes(name), (byte)'\n', algorithm, .. publicKey];
        return BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(hashed));
    }

    public static string Format(string name, byte algorithm, ReadOnlySpan<byte> publicKey) =>
        $"{name}+{HashOf(name, algorithm, publicKey):x8}+{Convert.ToBase64String([algorithm, .. publicKey])}";

    /// <summary>Reads the text of an Ed25519 key for one algorithm, or says in one sentence why it is none.</summary>
    public static (string Name, byte[] PublicKey)? Parse(string text, byte algorithm, out string? reason)
    {
        var parts = text.Split('+', 3);
        if (parts.Length != 3 || !NoteName.IsValid(parts[0]) || !TryParseHash(parts[1], out var hash))
        {
            reason = "a verifier key is written name+hash+key, with eight hex digits for the hash";
            return null;
        }

        var key = StrictBase64.Decode(parts[2]) ?? [];
        reason = key.Length == 0 ? "the last part of the verifier key is not base64"
            : key.Length != 1 + Ed25519Signature.PublicKeySize || key[0] != algorithm ? $"the verifier key is not an Ed25519 key of type {algorithm}"
            : HashOf(parts[0], algorithm, key.AsSpan(1)) != hash
                ? "the verifier key's hash does not fit its name and key: a part was mistyped or cut off"
                : null;
        return reason is null ? (parts[0], key[1..]) : null;
    }

    /// <summary>Eight hex digits of either case, as Go reads them.</summary>
    public static bool TryParseHash(ReadOnlySpan<char> text, out uint hash)
    {
        hash = 0;
        return text.Length == 8 && uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out hash);
    }
}
