using System.Numerics;
using System.Runtime.InteropServices;

namespace Athens.Federation.Node.Transparency;

/// <summary>Consecutive leaves, <paramref name="Low"/> up to but not with <paramref name="High"/>, and how complete subtrees make them up.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TreeRange(long Low, long High)
{
    /// <summary>The fewest complete subtrees that cover the range, from left to right: at most two for each level.</summary>
    public IEnumerable<TreeNode> Cover()
    {
        for (var low = Low; low < High;)
        {
            var level = Math.Min(BitOperations.TrailingZeroCount(low), BitOperations.Log2((ulong)(High - low)));
            yield return new TreeNode(level, low >> level);
            low += 1L << level;
        }
    }

    /// <summary>
    /// The root over neighbouring subtrees from left to right, the RFC 6962 hash of their leaves when the leaves begin where a subtree of at
    /// least their number may begin: at 0, or at the split of such a range.
    /// </summary>
    public static MerkleHash Fold(ReadOnlySpan<TreeNode> nodes, ReadOnlySpan<MerkleHash> hashes)
    {
        var left = new Stack<(TreeNode Node, MerkleHash Hash)>();
        for (var i = 0; i < nodes.Length; i++)
        {
            var (node, hash) = (nodes[i], hashes[i]);
            while (!node.IsLeft && left.TryPeek(out var sibling) && sibling.Node.Level == node.Level)
            {
                hash = MerkleTree.NodeHash(left.Pop().Hash, hash);
                node = node.Parent;
            }

            left.Push((node, hash));
        }

        if (!left.TryPop(out var right))
        {
            return MerkleTree.Empty;
        }

        var root = right.Hash;
        while (left.TryPop(out var next))
        {
            root = MerkleTree.NodeHash(next.Hash, root);
        }

        return root;
    }

    /// <summary>The roots of several ranges, read at once.</summary>
    public static async ValueTask<MerkleHash[]> RootsAsync(IReadOnlyList<TreeRange> ranges, IHashReader reader, CancellationToken cancellationToken)
    {
        var covers = ranges.Select(range => range.Cover().ToArray()).ToArray();
        var hashes = await HashesAsync(covers.SelectMany(cover => cover), reader, cancellationToken);
        var roots = new MerkleHash[covers.Length];
        var taken = 0;
        for (var i = 0; i < roots.Length; i++)
        {
            roots[i] = Fold(covers[i], hashes.AsSpan(taken, covers[i].Length));
            taken += covers[i].Length;
        }

        return roots;
    }

    /// <summary>The hashes of subtrees in the order asked for.</summary>
    /// <exception cref="InvalidOperationException">The reader gave another number of hashes: a defect of the reader.</exception>
    public static async ValueTask<MerkleHash[]> HashesAsync(IEnumerable<TreeNode> nodes, IHashReader reader, CancellationToken cancellationToken)
    {
        var indexes = nodes.Select(node => node.StoredIndex).ToArray();
        if (indexes.Length == 0)
        {
            return [];
        }

        var hashes = await reader.ReadAsync(indexes, cancellationToken);
        return hashes.Length == indexes.Length
            ? hashes
            : throw new InvalidOperationException($"{indexes.Length} stored hashes were asked for and {hashes.Length} read.");
    }
}
