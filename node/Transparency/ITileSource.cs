namespace Athens.Federation.Node.Transparency;

/// <summary>Where tiles of a log come from: a database over HTTP, a peer, a cache before one of these. What it gives need not be true.</summary>
internal interface ITileSource
{
    /// <summary>The bytes of hash tiles, in the order asked for; those of a tile that it does not have in this width may be cut from a wider one.</summary>
    /// <exception cref="IOException">They could not be had. A tile that a signed head promises and that is not there is no security failure.</exception>
    ValueTask<IReadOnlyList<ReadOnlyMemory<byte>>> ReadAsync(IReadOnlyList<Tile> tiles, CancellationToken cancellationToken);

    /// <summary>These tiles, as they were read, are proven to belong to the log's head and may be kept for good. Never told of others.</summary>
    ValueTask KeepAsync(IReadOnlyList<TileContent> proven, CancellationToken cancellationToken);
}
