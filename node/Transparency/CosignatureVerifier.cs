using System.Buffers.Binary;

namespace Athens.Federation.Node.Transparency;

/// <summary>
/// A witness's public key under its name (c2sp.org/tlog-cosignature, Ed25519, algorithm 4). As text it is <c>name+hash+base64(4, key)</c>.
/// A type of its own, so that a witness's key is never taken for a log's.
/// </summary>
internal sealed class CosignatureVerifier
{
    /// <summary>Timestamped Ed25519 cosignatures in note keys.</summary>
    public const byte Algorithm = 4;

    private readonly byte[] publicKey;

    private CosignatureVerifier(string name, byte[] publicKey)
    {
        Name = name;
        this.publicKey = publicKey;
        Hash = VerifierKey.HashOf(name, Algorithm, publicKey);
    }

    public string Name { get; }

    /// <summary>The first four bytes, big endian, of SHA-256(name, LF, 4, key).</summary>
    public uint Hash { get; }

    public ReadOnlyMemory<byte> PublicKey => publicKey;

    /// <summary>What a witness key's cosignatures are checked with.</summary>
    public static CosignatureVerifier Of(SigningKey witness) => new(witness.Name, witness.PublicKey.ToArray());

    /// <summary>A witness's key under the name that stands in its cosignatures; null when the name is no note name, or the key has not 32 bytes.</summary>
    public static CosignatureVerifier? Of(string name, ReadOnlySpan<byte> publicKey32) =>
        NoteName.IsValid(name) && publicKey32.Length == Ed25519Signature.PublicKeySize ? new CosignatureVerifier(name, publicKey32.ToArray()) : null;

    /// <summary>Reads a verifier key, or says in one sentence why the text is none.</summary>
    public static CosignatureVerifier? Parse(string text, out string? reason) =>
        VerifierKey.Parse(text, Algorithm, out reason) is { } parsed ? new CosignatureVerifier(parsed.Name, parsed.PublicKey) : null;

    /// <summary>The time that stands in a good cosignature of the note's text; null for anything else.</summary>
    public DateTimeOffset? Verify(ReadOnlySpan<byte> text, ReadOnlySpan<byte> cosignature)
    {
        var seconds = cosignature.Length == Cosignature.Size ? BinaryPrimitives.ReadUInt64BigEndian(cosignature) : ulong.MaxValue;
        if (seconds > Cosignature.MaxSeconds)
        {
            return null;
        }

        return Ed25519Signature.Verify(publicKey, Cosignature.Message((long)seconds, text), cosignature[Cosignature.TimeSize..])
            ? DateTimeOffset.FromUnixTimeSeconds((long)seconds)
            : null;
    }

    /// <summary><c>name+hash+base64</c>.</summary>
    public override string ToString() => VerifierKey.Format(Name, Algorithm, publicKey);
}
