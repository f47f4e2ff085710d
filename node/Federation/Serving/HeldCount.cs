using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Federation.Serving;

/// <summary>
/// Roughly how many module versions are held, private ones left out: counted in the background now and then, told in two
/// digits, so that nobody reads from it what was added when.
/// </summary>
internal sealed class HeldCount(IModuleStore store, PrivateGate gate, TimeProvider time) : IDisposable
{
    private const int PageSize = 1000;

    /// <summary>Counting 100,000 takes a tenth of a second of one processor.</summary>
    private static readonly TimeSpan CountAgain = TimeSpan.FromMinutes(10);

    private readonly CancellationTokenSource closing = new();
    private long count;

    // A timestamp; 0 before the first count.
    private long countedAt;
    private int state;

    /// <summary>The number of the last count, rounded down to two digits; 0 until there was one. Never waits.</summary>
    public ulong Rounded()
    {
        const int idle = 0;
        const int counting = 1;
        long last = Interlocked.Read(ref countedAt);
        if ((last == 0 || time.GetElapsedTime(last) > CountAgain) && Interlocked.CompareExchange(ref state, counting, idle) == idle)
        {
            _ = Task.Run(async () =>
            {
                try
                {
                    await CountAsync();
                }
                catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
                {
                    // A hint only; the store's own users tell of its failures.
                }
                finally
                {
                    Interlocked.Exchange(ref countedAt, time.GetTimestamp());
                    Interlocked.Exchange(ref state, idle);
                }
            });
        }

        return RoundDown((ulong)Interlocked.Read(ref count));
    }

    public static ulong RoundDown(ulong number)
    {
        ulong unit = 1;
        while (number / unit >= 100)
        {
            unit *= 10;
        }

        return number / unit * unit;
    }

    public void Dispose()
    {
        closing.Cancel();
        closing.Dispose();
    }

    private async Task CountAsync()
    {
        long found = 0;
        string token = "";
        do
        {
            CatalogPage page = await store.CatalogAsync(token, PageSize, closing.Token);
            found += page.Modules.Count(module => !gate.IsPrivate(module.Path));
            token = page.NextToken;
        }
        while (token.Length > 0);

        Interlocked.Exchange(ref count, found);
    }
}
