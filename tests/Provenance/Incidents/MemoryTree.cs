using System.Globalization;
using System.Text;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Provenance.Incidents;

/// <summary>A tree of small leaves, the sixth of which a test chooses.</summary>
internal sealed class MemoryTree : IHashReader
{
    private readonly RightEdge edge = new();
    private readonly List<MerkleHash> stored = [];

    public MemoryTree(int size, string sixth)
    {
        for (var i = 0; i < size; i++)
        {
            edge.Append(MerkleTree.LeafHash(Encoding.UTF8.GetBytes(i == 5 ? sixth : i.ToString(CultureInfo.InvariantCulture))), stored);
        }
    }

    public MerkleHash[] Inclusion(long leaf) => InclusionProof.ProveAsync(leaf, edge.Size, this, default).AsTask().Result;

    public SignedNote Checkpoint(long size, SigningKey log)
    {
        TreeNode[] nodes = [.. new TreeRange(0, size).Cover()];
        var head = new TreeHead(size, TreeRange.Fold(nodes, nodes.Select(node => stored[(int)node.StoredIndex]).ToArray()));
        return SignedNote.Parse(SignedNote.Sign(Node.Transparency.Checkpoint.Of(log.Name, head).ToText(), log), out _)!;
    }

    public ValueTask<MerkleHash[]> ReadAsync(ReadOnlyMemory<long> storedIndexes, CancellationToken cancellationToken) =>
        ValueTask.FromResult(storedIndexes.ToArray().Select(index => stored[(int)index]).ToArray());
}
