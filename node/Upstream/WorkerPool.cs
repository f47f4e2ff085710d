namespace Athens.Federation.Node.Upstream;

/// <summary>
/// The bound on children. Fetches, which can take minutes, leave one place free for lists and queries, which take
/// a second and decide how fast a <c>go get</c> feels. Who finds the queue full is told so at once.
/// </summary>
internal sealed class WorkerPool : IDisposable
{
    /// <summary>Calls that may wait: far more than one build asks at once, few enough that the last does not wait for hours.</summary>
    public const int MaxWaiting = 512;

    private readonly SemaphoreSlim all;
    private readonly SemaphoreSlim fetches;
    private readonly TimeSpan patience;
    private readonly TimeProvider time;
    private int waiting;

    /// <param name="workers">Children at once.</param>
    /// <param name="patience">The longest a call waits for a place.</param>
    /// <param name="time">The clock of <paramref name="patience"/>.</param>
    public WorkerPool(int workers, TimeSpan patience, TimeProvider time)
    {
        all = new SemaphoreSlim(workers, workers);
        int forFetches = Math.Max(1, workers - 1);
        fetches = new SemaphoreSlim(forFetches, forFetches);
        this.patience = patience;
        this.time = time;
    }

    /// <summary>Calls waiting now.</summary>
    public int Waiting => Volatile.Read(ref waiting);

    /// <summary>A place, to be disposed when the child has ended; null when the queue is full or no place came free in time.</summary>
    public async Task<IDisposable?> EnterAsync(bool isFetch, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref waiting);
            return null;
        }

        using CancellationTokenSource deadline = new(patience, time);
        using CancellationTokenSource stop =
            CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        SemaphoreSlim? taken = null;
        try
        {
            if (isFetch)
            {
                await fetches.WaitAsync(stop.Token);
                taken = fetches;
            }

            await all.WaitAsync(stop.Token);
            Place place = new(all, taken);
            taken = null;
            return place;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            taken?.Release();
            Interlocked.Decrement(ref waiting);
        }
    }

    public void Dispose()
    {
        all.Dispose();
        fetches.Dispose();
    }

    private sealed class Place(SemaphoreSlim all, SemaphoreSlim? fetches) : IDisposable
    {
        private int left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref left, 1) == 0)
            {
                all.Release();
                fetches?.Release();
            }
        }
    }
}
