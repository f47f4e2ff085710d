using System.Globalization;
using System.Text;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Transparency;

/// <summary>A log in memory whose leaf n is the text "leaf n", with all its stored hashes and what was asked of it.</summary>
internal sealed class GrownTree : IHashReader
{
    private readonly RightEdge edge = new();

    public GrownTree(int size)
    {
        for (var i = 0; i < size; i++)
        {
            var before = edge.Size;
            Assert.Equal(TreeNode.StoredCount(before), Stored.Count);
            edge.Append(Leaf(i), Stored);
        }
    }

    public List<MerkleHash> Stored { get; } = [];

    /// <summary>How often hashes were asked for.</summary>
    public int Reads { get; private set; }

    public TreeHead Head => edge.Head;

    public static MerkleHash Leaf(long n) => MerkleTree.LeafHash(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"leaf {n}")));

    /// <summary>The root over leaves by the very words of RFC 6962, section 2.1.</summary>
    public static MerkleHash Recursive(long low, long high)
    {
        if (high - low == 1)
        {
            return Leaf(low);
        }

        var split = 1L;
        while (split * 2 < high - low)
        {
            split *= 2;
        }

        return MerkleTree.NodeHash(Recursive(low, low + split), Recursive(low + split, high));
    }

    /// <summary>The head when the tree was smaller.</summary>
    public TreeHead HeadAt(long size)
    {
        var nodes = new TreeRange(0, size).Cover().ToArray();
        return new TreeHead(size, TreeRange.Fold(nodes, nodes.Select(node => Stored[(int)node.StoredIndex]).ToArray()));
    }

    public ValueTask<MerkleHash[]> ReadAsync(ReadOnlyMemory<long> storedIndexes, CancellationToken cancellationToken)
    {
        Reads++;
        return ValueTask.FromResult(storedIndexes.ToArray().Select(index => Stored[(int)index]).ToArray());
    }
}
