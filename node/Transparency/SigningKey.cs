using System.Security.Cryptography;
using NSec.Cryptography;

namespace Athens.Federation.Node.Transparency;

/// <summary>An Ed25519 key that signs under a name. The private bytes stay in the crypto library until they are exported. Thread safe.</summary>
internal sealed class SigningKey : IDisposable
{
    private const int SeedSize = 32;
    private const string Prefix = "PRIVATE+KEY+";

    private readonly Key key;

    private SigningKey(string name, Key key)
    {
        this.key = key;
        PublicKey = key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
        Verifier = NoteVerifier.Of(name, PublicKey.Span);
    }

    /// <summary>The name under which the key signs notes: no blanks, no '+', at most 255 bytes.</summary>
    public string Name => Verifier.Name;

    /// <summary>32 bytes.</summary>
    public ReadOnlyMemory<byte> PublicKey { get; }

    public NoteVerifier Verifier { get; }

    private static KeyCreationParameters Exportable => new() { ExportPolicy = KeyExportPolicies.AllowPlaintextExport };

    /// <summary>A new random key.</summary>
    /// <exception cref="ArgumentException">The name is no note name.</exception>
    public static SigningKey Create(string name) => new(Checked(name), Key.Create(SignatureAlgorithm.Ed25519, Exportable));

    /// <summary>A new random key whose name is made from its public key.</summary>
    public static SigningKey Create(Func<ReadOnlyMemory<byte>, string> nameOf)
    {
        var created = Key.Create(SignatureAlgorithm.Ed25519, Exportable);
        return new SigningKey(Checked(nameOf(created.PublicKey.Export(KeyBlobFormat.RawPublicKey))), created);
    }

    /// <exception cref="ArgumentException">The name is no note name, or the seed has not 32 bytes.</exception>
    public static SigningKey FromSeed(string name, ReadOnlySpan<byte> seed32) =>
        seed32.Length != SeedSize
            ? throw new ArgumentException("The seed of an Ed25519 key has 32 bytes.", nameof(seed32))
            : new SigningKey(Checked(name), Key.Import(SignatureAlgorithm.Ed25519, seed32, KeyBlobFormat.RawPrivateKey, Exportable));

    /// <summary>
    /// Reads a signer key of golang.org/x/mod/sumdb/note, <c>PRIVATE+KEY+name+hash+base64(1, seed)</c>, or says why it is none; never with
    /// a part of the key in the reason.
    /// </summary>
    public static SigningKey? Parse(string text, out string? reason)
    {
        var parts = text.StartsWith(Prefix, StringComparison.Ordinal) ? text[Prefix.Length..].Split('+', 3) : [];
        if (parts.Length != 3 || !NoteName.IsValid(parts[0]) || !NoteName.IsShort(parts[0]) || !VerifierKey.TryParseHash(parts[1], out var hash))
        {
            reason = "it is not written PRIVATE+KEY+name+hash+key";
            return null;
        }

        var seed = StrictBase64.Decode(parts[2]) ?? [];
        try
        {
            if (seed.Length != 1 + SeedSize || seed[0] != NoteVerifier.Algorithm)
            {
                reason = "its last part is not an Ed25519 key";
                return null;
            }

            var read = FromSeed(parts[0], seed.AsSpan(1));
            reason = read.Verifier.Hash == hash ? null : "its hash does not fit its name and key";
            if (reason is null)
            {
                return read;
            }

            read.Dispose();
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>The seed, 32 bytes. Whoever has it can sign as this key.</summary>
    public byte[] ExportSeed() => key.Export(KeyBlobFormat.RawPrivateKey);

    /// <summary>The signer key that <see cref="Parse"/> reads. Secret.</summary>
    public string ExportText()
    {
        var seed = ExportSeed();
        try
        {
            return $"{Prefix}{Name}+{Verifier.Hash:x8}+{Convert.ToBase64String([NoteVerifier.Algorithm, .. seed])}";
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>64 bytes.</summary>
    public byte[] Sign(ReadOnlySpan<byte> message) => SignatureAlgorithm.Ed25519.Sign(key, message);

    public void Dispose() => key.Dispose();

    private static string Checked(string name) =>
        NoteName.IsValid(name) && NoteName.IsShort(name)
            ? name
            : throw new ArgumentException($"A key's name in a note has no blanks, no '+' and at most {NoteName.MaxLength} bytes.", nameof(name));
}
