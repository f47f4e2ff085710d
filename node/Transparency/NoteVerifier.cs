namespace Athens.Federation.Node.Transparency;

/// <summary>
/// A public key under a name, as notes are checked with: a verifier key of golang.org/x/mod/sumdb/note, algorithm 1 (Ed25519).
/// As text it is <c>name+hash+base64(1, key)</c>, which is also what GOSUMDB takes.
/// </summary>
internal sealed class NoteVerifier : IEquatable<NoteVerifier?>
{
    /// <summary>Ed25519 in note keys.</summary>
    public const byte Algorithm = 1;

    private readonly byte[] publicKey;

    private NoteVerifier(string name, byte[] publicKey)
    {
        Name = name;
        this.publicKey = publicKey;
        Hash = VerifierKey.HashOf(name, Algorithm, publicKey);
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
    public static NoteVerifier? Parse(string text, out string? reason) =>
        VerifierKey.Parse(text, Algorithm, out reason) is { } parsed ? new NoteVerifier(parsed.Name, parsed.PublicKey) : null;

    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => Ed25519Signature.Verify(publicKey, message, signature);

    /// <summary>Of one name and one key.</summary>
    public bool Equals(NoteVerifier? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Hash == other.Hash && publicKey.AsSpan().SequenceEqual(other.publicKey) && string.Equals(Name, other.Name, StringComparison.Ordinal));

    public override bool Equals(object? obj) => Equals(obj as NoteVerifier);

    public override int GetHashCode() => (int)Hash;

    /// <summary><c>name+hash+base64</c>.</summary>
    public override string ToString() => VerifierKey.Format(Name, Algorithm, publicKey);
}
