using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Athens.Federation.Node.Transparency;

/// <summary>
/// A public key under a name, as notes are checked with: a verifier key of golang.org/x/mod/sumdb/note, algorithm 1 (Ed25519).
/// As text it is <c>name+hash+base64(1, key)</c>, which is also what GOSUMDB takes.
/// </summary>
internal sealed class NoteVerifier
{
    /// <summary>Ed25519 in note keys.</summary>
    public const byte Algorithm = 1;

    private readonly byte[] publicKey;

    private NoteVerifier(string name, byte[] publicKey)
    {
        Name = name;
        this.publicKey = publicKey;
        Hash = HashOf(name, publicKey);
    }

    public string Name { get; }

    /// <summary>The first four bytes, big endian, of SHA-256(name, LF, 1, key): tells keys of one name apart, proves nothing.</summary>
    public uint Hash { get; }

    public ReadOnlyMemory<byte> PublicKey => publicKey;

    /// <exception cref="ArgumentException">The name is no note name, or the key has not 32 bytes.</exception>
    public static NoteVerifier Of(string name, ReadOnlySpan<byte> publicKey32) =>
        !NoteName.IsValid(name)
            ? throw new ArgumentException("A key's name in a note has no blanks and no '+'.", nameof(name))
            : publicKey32.Length != Ed25519Signature.PublicKeySize
                ? throw new ArgumentException("An Ed25519 public key has 32 bytes.", nameof(publicKey32))
                : new NoteVerifier(name, publicKey32.ToArray());

    /// <summary>Reads a verifier key, or says in one sentence why the text is none.</summary>
    public static NoteVerifier? Parse(string text, out string? reason)
    {
        var parts = text.Split('+', 3);
        if (parts.Length != 3 || !NoteName.IsValid(parts[0]) || !TryParseHash(parts[1], out var hash))
        {
            return Refuse("a verifier key is written name+hash+key, with eight hex digits for the hash", out reason);
        }

        if (StrictBase64.Decode(parts[2]) is not { Length: > 0 } key)
        {
            return Refuse("the last part of the verifier key is not base64", out reason);
        }

        if (key[0] != Algorithm || key.Length != 1 + Ed25519Signature.PublicKeySize)
        {
            return Refuse("the verifier key is not an Ed25519 key", out reason);
        }

        var verifier = new NoteVerifier(parts[0], key[1..]);
        reason = verifier.Hash == hash ? null : "the verifier key's hash does not fit its name and key: a part was mistyped or cut off";
        return reason is null ? verifier : null;
    }

    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => Ed25519Signature.Verify(publicKey, message, signature);

    /// <summary><c>name+hash+base64</c>.</summary>
    public override string ToString() => $"{Name}+{Hash:x8}+{Convert.ToBase64String([Algorithm, .. publicKey])}";

    /// <summary>Eight hex digits of either case, as Go reads them.</summary>
    internal static bool TryParseHash(ReadOnlySpan<char> text, out uint hash)
    {
        hash = 0;
        return text.Length == 8 && uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out hash);
    }

    private static uint HashOf(string name, byte[] publicKey)
    {
        byte[] hashed = [.. Encoding.UTF8.GetBytes(name), (byte)'\n', Algorithm, .. publicKey];
        return BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(hashed));
    }

    [SuppressMessage("Design", "CA1021", Justification = "The house's form of a refusal.")]
    private static NoteVerifier? Refuse(string why, out string? reason)
    {
        reason = why;
        return null;
    }
}
