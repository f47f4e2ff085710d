using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.OwnLog;

/// <summary>Reads the hashes of a log of some size out of its stored tiles. Not for more than one proof: it keeps the tiles it has read.</summary>
internal sealed class StoredHashes(ILogTiles store, long size) : IHashReader
{
    private readonly Dictionary<(int Level, long Index), TileContent> tiles = [];

    /// <exception cref="LogDamagedException">A tile is missing or too short.</exception>
    public async ValueTask<MerkleHash[]> ReadAsync(ReadOnlyMemory<long> storedIndexes, CancellationToken cancellationToken)
    {
        var hashes = new MerkleHash[storedIndexes.Length];
        for (var i = 0; i < hashes.Length; i++)
        {
            var node = TreeNode.OfStored(storedIndexes.Span[i]);
            hashes[i] = (await TileAsync(Tile.Holding(node, size), cancellationToken)).HashOf(node);
        }

        return hashes;
    }

    /// <exception cref="LogDamagedException">The tile is missing or too short.</exception>
    public async ValueTask<TileContent> TileAsync(Tile tile, CancellationToken cancellationToken)
    {
        if (tiles.TryGetValue((tile.Level, tile.Index), out var known))
        {
            return known;
        }

        var stored = await store.TileAsync(tile.Level, tile.Index, cancellationToken);
        if (stored is not { } bytes || bytes.Length < tile.Size)
        {
            throw new LogDamagedException($"the tile {TilePath.FormatGo(tile)} is missing or too short");
        }

        // A tile may have grown since: what is served and proven is as wide as the tree of this size has it.
        return tiles[(tile.Level, tile.Index)] = new TileContent(tile, bytes[..tile.Size]);
    }
}
