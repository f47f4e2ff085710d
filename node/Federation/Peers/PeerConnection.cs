using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>
/// Keeps one peer connected, in the background: dials with growing delays, asks it every minute who it is, and dials again
/// when the connection is lost.
/// </summary>
internal sealed class PeerConnection : IAsyncDisposable
{
    public static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>A laptop that comes home finds its peers within this.</summary>
    public static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(60);

    /// <summary>A peer that stayed connected for this long is dialled at once again when it is lost.</summary>
    public static readonly TimeSpan Steady = TimeSpan.FromSeconds(10);

    /// <summary>Between two WhoAreYou (federation.proto: at most every minute).</summary>
    public static readonly TimeSpan HelloEvery = TimeSpan.FromSeconds(75);

    /// <summary>After a WhoAreYou that was not answered well: a line that is full for a moment should not cost the connection.</summary>
    public static readonly TimeSpan HelloAgain = TimeSpan.FromSeconds(5);

    /// <summary>So many bad answers one after the other end the connection.</summary>
    public const int MostSilent = 3;

    /// <summary>A removed peer's calls may go on for this long: time for a large zip.</summary>
    public static readonly TimeSpan Drain = TimeSpan.FromMinutes(2);

    /// <summary>Anybody on the LAN may claim to be the peer, with ever other keys.</summary>
    private const int MostSaid = 16;

    /// <summary>Between two rounds when the LAN tells of new addresses: it may do so without end.</summary>
    private static readonly TimeSpan NewsAfter = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan DrainLook = TimeSpan.FromMilliseconds(200);

    private readonly Peer peer;
    private readonly PeerDialer dialer;
    private readonly ILogger logger;
    private readonly CancellationTokenSource leaving = new();
    private readonly CancellationTokenSource ending = new();
    private readonly Task running;

    /// <summary>What was told of failures since it was last connected. Bounded by <see cref="MostSaid"/>.</summary>
    private readonly HashSet<string> said = new(StringComparer.Ordinal);
    private PeerTarget? last;
    private bool wasSteady;

    /// <summary>It was not reached in a whole round since it was last connected.</summary>
    private bool wasMissed;

    public PeerConnection(Peer peer, PeerDialer dialer, ILogger logger)
    {
        this.peer = peer;
        this.dialer = dialer;
        this.logger = logger;
        running = Task.Run(RunAsync);
    }

    /// <summary>The peer is not asked any more; its connection is closed when the calls under way have ended. Not waited for.</summary>
    /// <remarks>Not on this thread: what a cancelled wait goes on with would run inside the caller's lock.</remarks>
    public void Leave() => _ = leaving.CancelAsync();

    /// <summary>Completes when nothing is left of it.</summary>
    public Task Over => running;

    /// <summary>Closes the connection now.</summary>
    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await leaving.CancelAsync();
        await running;
        leaving.Dispose();
        ending.Dispose();
    }

    private async Task RunAsync()
    {
        TimeSpan delay = FirstDelay;
        while (!leaving.IsCancellationRequested)
        {
            Task news = dialer.Hints.Next;
            IReadOnlyList<PeerTarget> targets = dialer.Targets(peer.Options, last);
            wasSteady = false;
            await OnceAsync(targets);
            if (wasSteady)
            {
                delay = FirstDelay;
            }

            bool isNew = await RestAsync(dialer.Jitter(delay), targets, news);
            delay = isNew ? FirstDelay : delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        }
    }

    /// <summary>The delay before the next round; cut short, and true, when the peer may be somewhere else by now.</summary>
    private async Task<bool> RestAsync(TimeSpan delay, IReadOnlyList<PeerTarget> tried, Task news)
    {
        long start = dialer.Time.GetTimestamp();
        using CancellationTokenSource resting = CancellationTokenSource.CreateLinkedTokenSource(leaving.Token);
        Task pause = Task.Delay(delay, dialer.Time, resting.Token);
        while (await Task.WhenAny(pause, news) != pause)
        {
            news = dialer.Hints.Next;
            if (dialer.Targets(peer.Options, last).Except(tried).Any())
            {
                TimeSpan rest = NewsAfter - dialer.Time.GetElapsedTime(start);
                Task least = rest > TimeSpan.Zero ? Task.Delay(rest, dialer.Time, resting.Token) : Task.CompletedTask;
                await Task.WhenAny(pause, least);
                await resting.CancelAsync();
                return true;
            }
        }

        return false;
    }

    /// <summary>Tries each place until the peer itself answers at one, and stays there. Whoever else answers, the peer may be at the next.</summary>
    private async Task OnceAsync(IReadOnlyList<PeerTarget> targets)
    {
        try
        {
            foreach (PeerTarget target in targets)
            {
                using PeerSession session = dialer.Begin(peer, target);
                if (await session.AskAsync(leaving.Token) is { } failure)
                {
                    Say(session, target, failure);
                    continue;
                }

                last = target;
                wasMissed = false;
                await StayAsync(session);
                return;
            }

            wasMissed = true;
            peer.Missed();
        }
        catch (OperationCanceledException)
        {
            // Leaving.
        }
        catch (Exception exception)
        {
            logger.ConnectingFault(peer.Options.Name, exception);
        }
    }

    private async Task StayAsync(PeerSession session)
    {
        long start = dialer.Time.GetTimestamp();
        said.Clear();
        logger.Connected(peer.Options.Name, session.Address?.ToString() ?? "", peer.Log?.ToString() ?? "");
        Meters.PeerConnected(1);
        try
        {
            int failures = 0;
            while (failures < MostSilent && await IsStillThereAsync(session, failures == 0 ? HelloEvery : HelloAgain))
            {
                string? failure = await session.AskAsync(leaving.Token);
                failures = failure is null ? 0 : failures + 1;
                if (failure is not null)
                {
                    logger.SaidOtherwise(peer.Options.Name, failure);
                }
            }
        }
        finally
        {
            if (peer.Link is { } link)
            {
                peer.Disconnected(link);
            }

            wasSteady = dialer.Time.GetElapsedTime(start) >= Steady;
            Meters.PeerConnected(-1);
            if (leaving.IsCancellationRequested)
            {
                await DrainAsync(session);
                logger.Left(peer.Options.Name, dialer.Time.GetElapsedTime(start));
            }
            else
            {
                logger.Disconnected(peer.Options.Name, dialer.Time.GetElapsedTime(start));
            }
        }
    }

    /// <summary>False when the connection was lost; true when it is time to ask again. Throws when leaving.</summary>
    private async Task<bool> IsStillThereAsync(PeerSession session, TimeSpan pauseLength)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(leaving.Token);
        Task pause = Task.Delay(dialer.Jitter(pauseLength), dialer.Time, over.Token);
        await Task.WhenAny(session.Lost, pause);
        await over.CancelAsync();
        leaving.Token.ThrowIfCancellationRequested();
        return !session.Lost.IsCompleted;
    }

    private async Task DrainAsync(PeerSession session)
    {
        long start = dialer.Time.GetTimestamp();
        while (peer.InFlight > 0
            && !session.Lost.IsCompleted
            && !ending.IsCancellationRequested
            && dialer.Time.GetElapsedTime(start) < Drain)
        {
            await Task.Delay(DrainLook, dialer.Time, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>What goes wrong at every try is said once.</summary>
    private void Say(PeerSession session, PeerTarget target, string failure)
    {
        // Whoever has just joined lets others in a moment later: the first round is not worth a word.
        if (session.Refused is null && !wasMissed)
        {
            return;
        }

        // Other failures alternate (refused, timed out): one line for all of them, but each wrong identity is told.
        bool isFirst = said.Count == 0;
        if (said.Count >= MostSaid || !said.Add(failure))
        {
            return;
        }

        if (session.Refused is { } reason)
        {
            logger.OtherIdentity(target.Endpoint, peer.Options.Name, reason);
        }
        else if (isFirst)
        {
            logger.Unreachable(peer.Options.Name, target.Endpoint, failure);
        }
    }
}
