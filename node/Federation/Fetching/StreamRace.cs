using Athens.Federation.Node.Federation.Peers;

namespace Athens.Federation.Node.Federation.Fetching;

/// <summary>
/// Opens a stream with whichever holder delivers first bytes first: one is asked; when it takes longer than others took of
/// late, a second; when even that does not help, a third.
/// </summary>
internal sealed class StreamRace
{
    /// <summary>Holders asked at once.</summary>
    private const int Most = 3;

    private readonly Transfer transfer;
    private readonly string what;
    private readonly Func<Holder, FileRequest?> requestOf;

    /// <param name="what">The file, for logs.</param>
    /// <param name="requestOf">What to ask a holder for; null when it has nothing that fits.</param>
    public StreamRace(Transfer transfer, string what, Func<Holder, FileRequest?> requestOf)
    {
        this.transfer = transfer;
        this.what = what;
        this.requestOf = requestOf;
    }

    /// <summary>A stream whose first bytes are here, with what was asked for; null when no holder is left.</summary>
    public async Task<(CheckedStream Stream, FileRequest Request)?> OpenAsync(CancellationToken cancellationToken)
    {
        while (transfer.State.Next(holder => requestOf(holder) is not null) is { } next)
        {
            if (next.Pause > TimeSpan.Zero)
            {
                transfer.Struggling();
                await Task.Delay(next.Pause, transfer.Time, cancellationToken);
                continue;
            }

            if (await RunAsync(next.Holder, cancellationToken) is { } winner)
            {
                return (winner.Stream, winner.Request);
            }
        }

        return null;
    }

    private async Task<Runner?> RunAsync(Holder first, CancellationToken cancellationToken)
    {
        List<Runner> running = [Start(first, cancellationToken)];
        transfer.Hedging.Budget.Called();
        TimeSpan patience = transfer.Hedging.FirstBytes.HedgeDelay;
        bool isFree = false;
        Runner? winner = null;
        try
        {
            while (running.Count > 0)
            {
                Runner? done = await FirstOfAsync(running, running.Count < Most ? patience : Timeout.InfiniteTimeSpan, cancellationToken);
                if (done is null)
                {
                    Reinforce(running, isFree, cancellationToken);
                    (patience, isFree) = (Pace.StruggleAfter, true);
                }
                else if (Lost(running, done) is false)
                {
                    running.Remove(done);
                    transfer.Hedging.FirstBytes.Add(done.Stream.FirstAnswer);
                    return winner = done;
                }
            }

            return null;
        }
        finally
        {
            running.ForEach(runner => Dismiss(runner, winner));
        }
    }

    private Runner Start(Holder holder, CancellationToken cancellationToken)
    {
        FileRequest request = requestOf(holder)!;
        CheckedStream stream = transfer.Open(holder, request, () => LeastRate(holder), cancellationToken);
        return new Runner(stream, request, stream.BeginAsync());
    }

    /// <summary>Far below what this node is used to, a stream is given up, but only for a holder that has not been tried.</summary>
    private double LeastRate(Holder current) =>
        transfer.State.HasFresh(holder => holder != current && requestOf(holder) is not null) ? transfer.Hedging.Rates.Poor : 0;

    /// <summary>One more holder, if there is one; the first extra one needs budget, later ones answer a real delay.</summary>
    private void Reinforce(List<Runner> running, bool isFree, CancellationToken cancellationToken)
    {
        bool IsNew(Holder holder) => requestOf(holder) is not null && !running.Exists(runner => runner.Stream.Holder == holder);
        if (transfer.State.Next(IsNew) is { } next && next.Pause == TimeSpan.Zero)
        {
            if (isFree || transfer.Hedging.Budget.TrySpend())
            {
                running.Add(Start(next.Holder, cancellationToken));
            }
        }
        else
        {
            transfer.Struggling();
        }
    }

    private bool Lost(List<Runner> running, Runner done)
    {
        if (done.Begun.IsCompletedSuccessfully)
        {
            return false;
        }

        running.Remove(done);
        transfer.Abandon(done.Stream);
        if (done.Begun.Exception?.InnerException is not HolderFailedException failure)
        {
            done.Begun.GetAwaiter().GetResult();
            return true;
        }

        transfer.State.Failed(done.Stream.Holder, failure, what);
        transfer.Struggling();
        return true;
    }

    /// <summary>Somebody else (upstream, perhaps) was first. To be beaten is no fault, to be silent for long or again and again is.</summary>
    private void Dismiss(Runner runner, Runner? winner)
    {
        if (!runner.Begun.IsCompleted && runner.Stream.Pace.Waited >= Pace.StruggleAfter)
        {
            transfer.State.Overtaken(runner.Stream, what);
        }
        else if (!runner.Begun.IsCompleted && runner.Stream.Elapsed > winner?.Stream.Elapsed)
        {
            transfer.State.BeatenSilent(runner.Stream, what);
        }

        transfer.Abandon(runner.Stream);
    }

    private async Task<Runner?> FirstOfAsync(List<Runner> running, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (running.Find(static runner => runner.Begun.IsCompleted) is { } ready)
        {
            return ready;
        }

        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task timer = Task.Delay(patience, transfer.Time, over.Token);
        await Task.WhenAny([timer, .. running.Select(static runner => runner.Begun)]);
        await over.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        return running.Find(static runner => runner.Begun.IsCompleted);
    }

    private sealed record Runner(CheckedStream Stream, FileRequest Request, Task Begun);
}
