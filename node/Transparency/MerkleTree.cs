using System.Security.Cryptography;

namespace Athens.Federation.Node.Transparency;

/// <summary>Merkle tree hashes of RFC 6962, section 2.1, with SHA-256: 0x00 before a leaf, 0x01 before two subtrees, which keeps the two apart.</summary>
internal static class MerkleTree
{
    /// <summary>The most leaves a tree may claim: of the largest such tree every stored hash still has a 64-bit number (<see cref="TreeNode"/>).</summary>
    public const long MaxSize = 1L << 62;

    /// <summary>Hashes in the longest proof there can be, as tlog-witness has it: one for each level.</summary>
    public const int MaxProofLength = 63;

    private const byte LeafMark = 0;
    private const byte NodeMark = 1;

    /// <summary>Leaves up to this size are hashed from the stack; records are about 600 bytes.</summary>
    private const int ShortLeaf = 1023;

    /// <summary>The root of a tree without leaves: SHA-256 of nothing.</summary>
    public static MerkleHash Empty { get; } = MerkleHash.Of(SHA256.HashData([]));

    /// <summary>The hash of one leaf.</summary>
    public static MerkleHash LeafHash(ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[MerkleHash.Size];
        if (data.Length <= ShortLeaf)
        {
            Span<byte> marked = stackalloc byte[1 + ShortLeaf];
            marked[0] = LeafMark;
            data.CopyTo(marked[1..]);
            SHA256.HashData(marked[..(1 + data.Length)], hash);
        }
        else
        {
            using var hasher = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hasher.AppendData([LeafMark]);
            hasher.AppendData(data);
            hasher.GetHashAndReset(hash);
        }

        return MerkleHash.Of(hash);
    }

    /// <summary>The hash of a subtree from those of its halves.</summary>
    public static MerkleHash NodeHash(MerkleHash left, MerkleHash right)
    {
        Span<byte> both = stackalloc byte[1 + (2 * MerkleHash.Size)];
        both[0] = NodeMark;
        left.WriteTo(both[1..]);
        right.WriteTo(both[(1 + MerkleHash.Size)..]);
        Span<byte> hash = stackalloc byte[MerkleHash.Size];
        SHA256.HashData(both, hash);
        return MerkleHash.Of(hash);
    }

    /// <summary>The root over leaf hashes in their order; of no leaves it is <see cref="Empty"/>.</summary>
    public static MerkleHash Root(IReadOnlyList<MerkleHash> leafHashes)
    {
        var edge = new RightEdge();
        foreach (var leaf in leafHashes)
        {
            edge.Append(leaf);
        }

        return edge.Root;
    }
}
