using System.Security.Cryptography;

namespace Athens.Federation.Node.Transparency;

/// <summary>
/// Signatures that this process has found good: one head comes by several peers, and is met again with each cosignature. A check takes some 80 microseconds, a look
/// here two. Only good ones are kept, by a SHA-256 over all that was checked. Thread safe.
/// </summary>
internal sealed class VerifiedSignatures
{
    /// <summary>Of each of two generations, some 400 KiB together: what is met again is met within seconds.</summary>
    public const int MaxOfGeneration = 4096;

    private const int Fixed = Ed25519Signature.PublicKeySize + Ed25519Signature.SignatureSize;

    /// <summary>Longer messages are rare, and copying them costs too.</summary>
    private const int MaxMessage = 1024;

    // Guards both.
    private readonly Lock gate = new();
    private HashSet<MerkleHash> young = [];
    private HashSet<MerkleHash> old = [];

    /// <summary>What stands for a signature here; null when it is not kept.</summary>
    public static MerkleHash? NameOf(ReadOnlySpan<byte> publicKey32, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature64)
    {
        if (publicKey32.Length != Ed25519Signature.PublicKeySize || signature64.Length != Ed25519Signature.SignatureSize || message.Length > MaxMessage)
        {
            return null;
        }

        // Two parts of fixed length and then the rest: no two inputs make the same bytes.
        Span<byte> all = stackalloc byte[Fixed + message.Length];
        publicKey32.CopyTo(all);
        signature64.CopyTo(all[Ed25519Signature.PublicKeySize..]);
        message.CopyTo(all[Fixed..]);
        Span<byte> hash = stackalloc byte[MerkleHash.Size];
        SHA256.HashData(all, hash);
        return MerkleHash.Of(hash);
    }

    public bool Contains(MerkleHash name)
    {
        lock (gate)
        {
            return young.Contains(name) || old.Contains(name);
        }
    }

    public void Add(MerkleHash name)
    {
        lock (gate)
        {
            if (young.Count >= MaxOfGeneration)
            {
                (old, young) = (young, old);
                young.Clear();
            }

            young.Add(name);
        }
    }
}
