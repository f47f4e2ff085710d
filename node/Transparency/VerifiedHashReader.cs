namespace Athens.Federation.Node.Transparency;

/// <summary>
/// Hashes of a log read from tiles that anybody may serve: no hash is given out before its tile is proven to belong to the signed head
/// (what TileHashReader of golang.org/x/mod/sumdb/tlog does). So a leaf hash read here is proven to be in the log, and a root of an earlier
/// size made from hashes read here is the root that the log's history has at that size.
/// </summary>
/// <param name="head">The head to believe, its signature checked.</param>
/// <param name="source">Where tiles come from.</param>
internal sealed class VerifiedHashReader(TreeHead head, ITileSource source) : IHashReader
{
    /// <summary>Hashes of one read: the leaves of 256 tiles, 2 MiB. More is asked for in turns.</summary>
    public const int MaxHashes = 1 << 16;

    /// <inheritdoc />
    /// <exception cref="ArgumentException">A hash is not in the head's tree, or more than <see cref="MaxHashes"/> are asked for.</exception>
    public async ValueTask<MerkleHash[]> ReadAsync(ReadOnlyMemory<long> storedIndexes, CancellationToken cancellationToken)
    {
        if (storedIndexes.Length > MaxHashes || !AreStored(storedIndexes.Span))
        {
            throw new ArgumentException($"At most {MaxHashes} hashes of the tree are read at once.", nameof(storedIndexes));
        }

        if (storedIndexes.Length == 0)
        {
            return [];
        }

        TreeNode[] nodes = [.. storedIndexes.ToArray().Select(TreeNode.OfStored)];
        var plan = new TilePlan(head.Size, nodes);
        var contents = await source.ReadAsync(plan.Tiles, cancellationToken);
        var tiles = Check(plan, contents);
        await source.KeepAsync(tiles, cancellationToken);
        return [.. nodes.Select(node => tiles[plan.PlaceOf(node)].HashOf(node))];
    }

    private bool AreStored(ReadOnlySpan<long> indexes)
    {
        var count = TreeNode.StoredCount(head.Size);
        foreach (var index in indexes)
        {
            if (index < 0 || index >= count)
            {
                return false;
            }
        }

        return true;
    }

    private TileContent[] Check(TilePlan plan, IReadOnlyList<ReadOnlyMemory<byte>> contents)
    {
        if (contents.Count != plan.Tiles.Count)
        {
            throw new InvalidOperationException($"{plan.Tiles.Count} tiles were asked for and {contents.Count} read.");
        }

        TileContent[] tiles = [.. plan.Tiles.Zip(contents, (tile, bytes) => new TileContent(tile, bytes))];
        if (tiles.FirstOrDefault(tile => !tile.HasItsSize) is { } odd)
        {
            throw new BadTileException($"the tile {odd.Tile} has {odd.Bytes.Length} bytes instead of {odd.Tile.Size}", head, [odd]);
        }

        TreeNode[] edge = [.. plan.Edge];
        if (TreeRange.Fold(edge, [.. edge.Select(node => tiles[plan.PlaceOf(node)].HashOf(node))]) != head.Root)
        {
            throw new BadTileException($"the tiles at the edge of the tree of {head.Size} leaves do not give its root", head, tiles[..plan.EdgeTiles]);
        }

        foreach (var tile in tiles.AsSpan(plan.EdgeTiles))
        {
            var below = TilePlan.Below(tile.Tile);
            var above = tiles[plan.PlaceOf(below)];
            if (tile.Root() != above.HashOf(below))
            {
                throw new BadTileException($"the tile {tile.Tile} does not belong to the tree of {head.Size} leaves", head, [above, tile]);
            }
        }

        return tiles;
    }
}
