using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.PublicDatabases;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Provenance.PublicDatabases;

/// <summary>
/// What golang.org/x/mod/sumdb's client does with a node's answers: it compares every head with the latest it knows by tiles of the newer one, and
/// finds each record's hash in the tiles of its latest head. It asks for what the node keeps, and never makes the node ask anybody.
/// </summary>
internal sealed class FreshClient(VerifyingNode node, DatabaseIdentity identity) : ITileSource
{
    private TreeHead latest = new(0, MerkleTree.Empty);

    public TreeHead Latest => latest;

    public async Task VerifyAsync(ModuleVersion module)
    {
        var proven = await node.Database.FindAsync(module, default);
        Assert.True(proven is not null, $"{module} is not kept");
        var answer = LookupAnswer.Parse(proven.ToLookupAnswer(), out var reason);
        Assert.True(answer?.Head.IsSignedBy(identity.Key), reason);
        await MergeAsync(GoTreeHead.Parse(answer!.Head.Text, out _)!.Value);
        var hash = await new VerifiedHashReader(latest, this).ReadAsync(new[] { new TreeNode(0, answer.Record.Index).StoredIndex }, default);
        Assert.Equal(answer.Record.LeafHash, hash[0]);
    }

    public async ValueTask<IReadOnlyList<ReadOnlyMemory<byte>>> ReadAsync(IReadOnlyList<Tile> tiles, CancellationToken cancellationToken)
    {
        var contents = new List<ReadOnlyMemory<byte>>();
        foreach (var tile in tiles)
        {
            var kept = await node.Database.FindTileAsync(TilePath.FormatGo(tile), cancellationToken);
            Assert.True(kept is not null, $"{TilePath.FormatGo(tile)} is not kept, and a client needs it");
            contents.Add(kept.Bytes);
        }

        return contents;
    }

    public ValueTask KeepAsync(IReadOnlyList<TileContent> proven, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    private async Task MergeAsync(TreeHead met)
    {
        var (older, newer) = met.Size < latest.Size ? (met, latest) : (latest, met);
        if (older.Size > 0)
        {
            var edge = await RightEdge.ReadAsync(older.Size, new VerifiedHashReader(newer, this), default);
            Assert.Equal(older.Root, edge.Root);
        }

        latest = newer;
    }
}
