using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.PublicDatabases;

/// <summary>The tiles of one proof: those that are kept, if they may be used, and the others from the source. Notes which are new and proven.</summary>
/// <param name="source">Asked for what is not kept.</param>
/// <param name="archive">Read only; who uses this keeps <see cref="Proven"/> together with what they prove.</param>
/// <param name="useKept">
/// False for a head that may be of another history than the kept tiles: only tiles of its own can show which root it had earlier.
/// </param>
internal sealed class DatabaseTiles(IDatabaseSource source, IDatabaseArchive archive, bool useKept) : ITileSource
{
    private readonly HashSet<TilePlace> kept = [];
    private readonly List<KeptTile> proven = [];

    /// <summary>Whether a tile came out of the archive.</summary>
    public bool UsedKept => kept.Count > 0;

    /// <summary>The tiles that the source gave, each proven to belong to the head.</summary>
    public IReadOnlyList<KeptTile> Proven => proven;

    public async ValueTask<IReadOnlyList<ReadOnlyMemory<byte>>> ReadAsync(IReadOnlyList<Tile> tiles, CancellationToken cancellationToken)
    {
        TilePlace[] places = [.. tiles.Select(PlaceOf)];
        var held = useKept ? await archive.TilesAsync(places, cancellationToken) : new byte[]?[tiles.Count];
        var contents = new Task<ReadOnlyMemory<byte>>[tiles.Count];
        for (var i = 0; i < contents.Length; i++)
        {
            if (held[i] is { } hashes && hashes.Length >= tiles[i].Size)
            {
                kept.Add(places[i]);
                contents[i] = Task.FromResult<ReadOnlyMemory<byte>>(hashes.AsMemory(0, tiles[i].Size));
            }
            else
            {
                contents[i] = FetchAsync(tiles[i], cancellationToken);
            }
        }

        return await Task.WhenAll(contents);
    }

    public ValueTask KeepAsync(IReadOnlyList<TileContent> proven, CancellationToken cancellationToken)
    {
        this.proven.AddRange(proven.Where(tile => !kept.Contains(PlaceOf(tile.Tile))).Select(tile => new KeptTile(PlaceOf(tile.Tile), tile.Bytes)));
        return ValueTask.CompletedTask;
    }

    /// <summary>A database need not have a partial tile any more once it has the full one, as Go's client knows.</summary>
    private async Task<ReadOnlyMemory<byte>> FetchAsync(Tile tile, CancellationToken cancellationToken)
    {
        var asked = tile;
        var answer = await source.GetAsync(TilePath.FormatGo(asked), asked.Size, cancellationToken);
        if (answer.Kind == SourceAnswerKind.Absent && !tile.IsFull)
        {
            asked = tile with { Width = Tile.FullWidth };
            answer = await source.GetAsync(TilePath.FormatGo(asked), asked.Size, cancellationToken);
        }

        if (answer.Kind != SourceAnswerKind.Found)
        {
            // Its own head promises the tile, so "not there" is a failure and never an absence.
            throw new SourceFailedException($"the tile {TilePath.FormatGo(tile)} could not be had: {answer.Reason}");
        }

        return answer.Body.Length == asked.Size
            ? answer.Body[..tile.Size]
            : throw new SourceFailedException($"the tile {TilePath.FormatGo(asked)} has {answer.Body.Length} bytes instead of {asked.Size}");
    }

    private static TilePlace PlaceOf(Tile tile) => new(tile.Level, tile.Index);
}
