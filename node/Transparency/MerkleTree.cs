using System.Security.Cryptography;

namespace Athens.Federation.Node.Transparency;

/// <summary>Merkle tree hashes of RFC 6962, section 2.1, with SHA-256: 0x00 before a leaf, 0x01 before two subtrees, which keeps the two apart.</summary>
internal static class MerkleTree
{
    public const int HashSize = SHA256.HashSizeInBytes;

    private const byte LeafMark = 0;
    private const byte NodeMark = 1;

    /// <summary>The hash of one leaf.</summary>
    public static byte[] LeafHash(ReadOnlySpan<byte> data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([LeafMark]);
        hash.AppendData(data);
        return hash.GetHashAndReset();
    }

    /// <summary>The root over leaf hashes in their order; of no leaves it is SHA-256 of nothing.</summary>
    /// <exception cref="ArgumentException">A leaf hash has not 32 bytes.</exception>
    public static byte[] Root(IReadOnlyList<ReadOnlyMemory<byte>> leafHashes)
    {
        // The roots of complete subtrees, the largest first: at most one for each bit of the leaf count.
        var subtrees = new Stack<byte[]>();
        for (var i = 0; i < leafHashes.Count; i++)
        {
            var root = leafHashes[i].ToArray();
            if (root.Length != HashSize)
            {
                throw new ArgumentException($"A leaf hash has {HashSize} bytes.", nameof(leafHashes));
            }

            for (var size = i; (size & 1) == 1; size >>= 1)
            {
                root = NodeHash(subtrees.Pop(), root);
            }

            subtrees.Push(root);
        }

        if (!subtrees.TryPop(out var right))
        {
            return SHA256.HashData([]);
        }

        while (subtrees.TryPop(out var left))
        {
            right = NodeHash(left, right);
        }

        return right;
    }

    private static byte[] NodeHash(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Span<byte> both = stackalloc byte[1 + (2 * HashSize)];
        both[0] = NodeMark;
        left.CopyTo(both[1..]);
        right.CopyTo(both[(1 + HashSize)..]);
        return SHA256.HashData(both);
    }
}
