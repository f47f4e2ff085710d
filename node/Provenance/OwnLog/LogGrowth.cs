using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.OwnLog;

/// <summary>The growing end of the log: the edge of its tree, and of each level the tile that is not full yet. Not thread safe.</summary>
internal sealed class LogGrowth
{
    private readonly RightEdge edge;
    private readonly OpenTile[] open;

    // Since the last TakeTiles.
    private readonly List<StoredTile> full = [];

    private LogGrowth(RightEdge edge, OpenTile[] open)
    {
        this.edge = edge;
        this.open = open;
    }

    public TreeHead Head => edge.Head;

    /// <summary>The end of a log whose tiles are stored.</summary>
    /// <exception cref="LogDamagedException">A tile is missing or too short.</exception>
    public static async ValueTask<LogGrowth> ReadAsync(long size, ILogTiles store, CancellationToken cancellationToken)
    {
        var stored = new StoredHashes(store, size);
        var tiles = new OpenTile[Tile.MaxLevel + 1];
        for (var level = 0; level < tiles.Length; level++)
        {
            var width = size >> (Tile.Height * level);
            tiles[level] = new OpenTile(width >> Tile.Height);
            if (width % Tile.FullWidth > 0)
            {
                var tile = Tile.Find(level, tiles[level].Index, size)!.Value;
                tiles[level].Fill((await stored.TileAsync(tile, cancellationToken)).Bytes.Span);
            }
        }

        return new LogGrowth(await RightEdge.ReadAsync(size, stored, cancellationToken), tiles);
    }

    /// <summary>Grows by itself: to be thrown away when what was appended could not be made durable.</summary>
    public LogGrowth Copy() => new(edge.Copy(), [.. open.Select(tile => tile.Copy())]);

    public void Append(MerkleHash leaf)
    {
        edge.Append(leaf);
        for (var level = 0; level < open.Length && open[level].Add(leaf) is { } hashes; level++)
        {
            var tile = new Tile(level, open[level].Index, Tile.FullWidth);
            full.Add(new StoredTile(level, tile.Index, hashes));
            leaf = new TileContent(tile, hashes).Root();
            open[level] = new OpenTile(tile.Index + 1);
        }
    }

    /// <summary>The tiles that are new or wider since this was asked last.</summary>
    public IReadOnlyList<StoredTile> TakeTiles()
    {
        var taken = full.ToList();
        full.Clear();
        for (var level = 0; level < open.Length; level++)
        {
            if (open[level].TakeGrown() is { } hashes)
            {
                taken.Add(new StoredTile(level, open[level].Index, hashes));
            }
        }

        return taken;
    }

    private sealed class OpenTile(long index)
    {
        private byte[] hashes = [];
        private int width;
        private bool isGrown;

        public long Index => index;

        public void Fill(ReadOnlySpan<byte> stored)
        {
            hashes = new byte[Tile.FullWidth * MerkleHash.Size];
            stored.CopyTo(hashes);
            width = stored.Length / MerkleHash.Size;
        }

        /// <summary>All hashes when this one made the tile full; else null.</summary>
        public byte[]? Add(MerkleHash hash)
        {
            if (hashes.Length == 0)
            {
                hashes = new byte[Tile.FullWidth * MerkleHash.Size];
            }

            hash.WriteTo(hashes.AsSpan(width * MerkleHash.Size));
            width++;
            isGrown = true;
            return width == Tile.FullWidth ? hashes : null;
        }

        public byte[]? TakeGrown()
        {
            if (!isGrown)
            {
                return null;
            }

            isGrown = false;
            return hashes[..(width * MerkleHash.Size)];
        }

        public OpenTile Copy() => new(index) { hashes = [.. hashes], width = width };
    }
}
