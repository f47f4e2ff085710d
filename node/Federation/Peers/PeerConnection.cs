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

    private static readonly TimeSpan DrainLook = TimeSpan.FromMilliseconds(200);

    private readonly Peer peer;
    private readonly PeerDialer dialer;
    private readonly ILogger logger;
    private readonly CancellationTokenSource leaving = new();
    private readonly CancellationTokenSource ending = new();
    private readonly Task running;
    private string? said;

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
            long start = dialer.Time.GetTimestamp();
            await OnceAsync();
            if (dialer.Time.GetElapsedTime(start) >= Steady)
            {
                delay = FirstDelay;
            }

            await Task.Delay(dialer.Jitter(delay), dialer.Time, leaving.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        }
    }

    private async Task OnceAsync()
    {
        try
        {
            using PeerSession session = dialer.Begin(peer);
            if (await session.AskAsync(leaving.Token) is { } failure)
            {
                Say(session, failure);
                return;
            }

            await StayAsync(session);
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
        said = null;
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
    private void Say(PeerSession session, string failure)
    {
        if (string.Equals(said, failure, StringComparison.Ordinal))
        {
            return;
        }

        // Other failures alternate (refused, timed out): one line for all of them, but each wrong identity is told.
        bool isFirst = said is null;
        said = failure;
        if (session.Refused is { } reason)
        {
            logger.OtherIdentity(peer.Options.Endpoint, peer.Options.Name, reason);
        }
        else if (isFirst)
        {
            logger.Unreachable(peer.Options.Name, peer.Options.Endpoint, failure);
        }
    }
}
