using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.OwnLog;

/// <summary>
/// The log as files over HTTP: for Go's clients (golang.org/x/mod/sumdb's server: <c>latest</c>, <c>tile/8/…</c>, look-ups) and by c2sp.org/tlog-tiles
/// (<c>checkpoint</c>, <c>tile/LEVEL/…</c>, <c>tile/entries/…</c>). One tree under both.
/// </summary>
internal sealed class LogFiles(NodeLog log)
{
    /// <param name="Bytes">The whole file.</param>
    /// <param name="IsImmutable">As a tile is, whatever its width: the head is not.</param>
    internal sealed record LogFile(ReadOnlyMemory<byte> Bytes, bool IsImmutable);

    /// <summary>A file by its path below the log's name; null when the log has no such file, or signing has stopped.</summary>
    /// <param name="path">Hostile.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The log's store cannot be read.</exception>
    public async ValueTask<LogFile?> ReadAsync(string path, CancellationToken cancellationToken)
    {
        switch (path)
        {
            case "latest":
                return log.Head is { } head ? new LogFile(head.Latest, IsImmutable: false) : null;
            case "checkpoint":
                return log.Head is { } signed ? new LogFile(signed.Checkpoint, IsImmutable: false) : null;
        }

        return TilePath.ParseGo(path) is { } tile ? await ReadAsync(tile, RecordTile.Format, cancellationToken)
            : TilePath.Parse(path) is { } other ? await ReadAsync(other, RecordTile.FormatBundle, cancellationToken)
            : null;
    }

    /// <summary>The answer to a look-up: the record, and a signed head that has it. Null when the log has no record of the module version.</summary>
    /// <exception cref="IOException">The log's store cannot be read.</exception>
    public async ValueTask<byte[]?> LookupAsync(ModuleVersion module, CancellationToken cancellationToken)
    {
        // The record first: a head taken before might not have it.
        var found = await log.FindAsync(module, cancellationToken);
        return found is not null && log.Head is { } head ? [.. new LogRecord(found.Number, found.Text).Format(), .. head.Latest.Span] : null;
    }

    private async ValueTask<LogFile?> ReadAsync(Tile tile, Func<IEnumerable<LogRecord>, byte[]> format, CancellationToken cancellationToken)
    {
        if (tile.Level != Tile.Records)
        {
            return await log.TileAsync(tile, cancellationToken) is { } hashes ? new LogFile(hashes, IsImmutable: true) : null;
        }

        return await log.RecordsAsync(tile, cancellationToken) is { } records ? new LogFile(format(records), IsImmutable: true) : null;
    }
}
