namespace Athens.Federation.Node.Storage;

/// <summary>
/// Runs what waits for the disk (syncs take milliseconds) on threads of its own. On the thread pool, which has as many
/// threads as cores, a storm of admissions would hold up every request that only reads.
/// </summary>
internal static class DiskWork
{
    /// <summary>Syncs at once: enough for the file system to commit many together, few enough threads to afford.</summary>
    private const int MaxThreads = 24;

    private static readonly SemaphoreSlim Free = new(MaxThreads);

    /// <summary>The token ends the waiting for a thread, not the work.</summary>
    public static async Task RunAsync(Action work, CancellationToken cancellationToken)
    {
        await Free.WaitAsync(cancellationToken);
        try
        {
            await Task.Factory.StartNew(
                work,
                CancellationToken.None,
                TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
                TaskScheduler.Default);
        }
        finally
        {
            Free.Release();
        }
    }
}
