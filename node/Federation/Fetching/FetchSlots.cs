namespace Athens.Federation.Node.Federation.Fetching;

/// <summary>What all transfers of this node share: places for themselves, for streams of chunks, for large go.mod files. Thread-safe.</summary>
internal sealed class FetchSlots : IDisposable
{
    public SemaphoreSlim Transfers { get; } = new(FetchLimits.MostTransfers);

    public SemaphoreSlim ChunkStreams { get; } = new(FetchLimits.MostChunkStreams);

    public SemaphoreSlim LargeMods { get; } = new(FetchLimits.MostLargeMods);

    /// <summary>
    /// The first stream of a transfer waits for a place. Further ones are a luxury: they get one only while half of all
    /// places are free, so that a few transfers from slow peers do not keep all others waiting.
    /// </summary>
    public async Task<bool> EnterChunkStreamAsync(bool isFirst, CancellationToken cancellationToken) =>
        isFirst
            ? await ChunkStreams.WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken)
            : ChunkStreams.CurrentCount > FetchLimits.MostChunkStreams / 2 && await ChunkStreams.WaitAsync(TimeSpan.Zero, cancellationToken);

    public void Dispose()
    {
        Transfers.Dispose();
        ChunkStreams.Dispose();
        LargeMods.Dispose();
    }
}
