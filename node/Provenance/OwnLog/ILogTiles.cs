namespace Athens.Federation.Node.Provenance.OwnLog;

/// <summary>The stored hashes of one log, in tiles as they are served.</summary>
internal interface ILogTiles
{
    /// <summary>The hashes of a tile, 32 bytes each, as many as there are; null when there are none.</summary>
    /// <exception cref="IOException">They cannot be read; the message says what to do.</exception>
    ValueTask<ReadOnlyMemory<byte>?> TileAsync(int level, long index, CancellationToken cancellationToken);
}
