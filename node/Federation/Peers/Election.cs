using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Provenance.Trust;
using Athens.Federation.Node.Retrieval;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>
/// When nobody holds a module version: decides whether this node goes upstream now, or waits for the neighbour on the LAN
/// that does (<see cref="Contest"/>). Never waits longer than <c>lan_wait</c> in all.
/// </summary>
internal sealed class Election
{
    /// <summary>Neighbours that take part: a LAN with more fetches a module twice now and then.</summary>
    public const int MostRivals = 32;

    /// <summary>How long a neighbour's first answer is waited for, counted from the question.</summary>
    public static readonly TimeSpan AnswerGrace = TimeSpan.FromMilliseconds(150);

    /// <summary>The longest that one answer may wait at a peer (federation.proto, LocateRequest.wait_ms).</summary>
    public static readonly TimeSpan MostWait = TimeSpan.FromSeconds(30);

    /// <summary>Between two questions to one that has not delivered.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly RivalBoard board;
    private readonly PeerTable table;
    private readonly HolderSearch search;
    private readonly TimeSpan lanWait;
    private readonly TimeProvider time;
    private readonly ILogger logger;

    public Election(
        RivalBoard board, PeerTable table, HolderSearch search, FederationOptions options, TimeProvider time, ILogger logger)
    {
        this.board = board;
        this.table = table;
        this.search = search;
        this.time = time;
        this.logger = logger;
        lanWait = options.LanWait;
    }

    /// <summary>Null when no election is wanted. To be called before anybody is asked, for the search to fill.</summary>
    /// <param name="fetch">What is wanted.</param>
    /// <param name="asked">Whom the search will ask.</param>
    public Contest? Begin(PeerFetch fetch, IEnumerable<Peer> asked)
    {
        if (lanWait <= TimeSpan.Zero)
        {
            return null;
        }

        Contest contest = new(table.Own, fetch.Module, board.Mark);
        foreach (Peer peer in asked.Where(peer => IsRival(peer, fetch.Trust)))
        {
            contest.Ask(peer.Options.Key, contest.BeganAt);
        }

        return contest;
    }

    /// <summary>
    /// A peer from which the module can come: on the LAN, and what it brings would be believed. The others may fetch as they like,
    /// nothing is gained by waiting for them.
    /// </summary>
    public static bool IsRival(Peer peer, TrustCase trust) =>
        peer is { IsOnLan: true, IsTrusted: true } && (trust.WouldSuffice(peer.Options.Org) || trust.MayBeProven);

    /// <summary>Ends when upstream was started here, or when a neighbour delivered (which is added to <paramref name="run"/>).</summary>
    public async Task RunAsync(SearchRun run, Contest? contest, PeerFetch fetch, CancellationToken cancellationToken)
    {
        if (contest is null)
        {
            fetch.StartUpstream();
            return;
        }

        long start = time.GetTimestamp();
        await Task.WhenAny(contest.Complete, Task.Delay(AnswerGrace, time, cancellationToken));
        PeerKey? last = null;
        while (!fetch.UpstreamStarted)
        {
            cancellationToken.ThrowIfCancellationRequested();
            AdmitNewcomers(contest, fetch);
            if (board.TryGo(contest, fetch.StartUpstream) is not { } favourite)
            {
                return;
            }

            last = favourite;
            TimeSpan left = lanWait - time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                logger.StoppedWaiting(fetch.Module, lanWait, table.Find(favourite)?.Options.Name ?? favourite.Short);
                fetch.StartUpstream();
                return;
            }

            if (await WaitForAsync(favourite, run, contest, left, cancellationToken))
            {
                return;
            }
        }
    }

    private void AdmitNewcomers(Contest contest, PeerFetch fetch)
    {
        foreach (Peer peer in table.Peers.Where(peer => IsRival(peer, fetch.Trust) && search.MayAsk(peer, fetch.Module.Path)).Take(MostRivals))
        {
            contest.Admit(peer.Options.Key, contest.BeganAt);
        }
    }

    /// <summary>True: it delivered.</summary>
    private async Task<bool> WaitForAsync(
        PeerKey favourite, SearchRun run, Contest contest, TimeSpan left, CancellationToken cancellationToken)
    {
        contest.Ask(favourite, board.Mark);
        long asked = time.GetTimestamp();
        (Standing standing, PeerCallEnd end) = (Standing.Out, PeerCallEnd.NotAsked);
        if (table.Find(favourite) is { } peer)
        {
            (standing, end) = await AskAsync(peer, run, left, cancellationToken);
        }

        if (standing == Standing.Holds)
        {
            return true;
        }

        // "Busy" tells nothing new of how it stands. Every other failure means that nothing can be had from it.
        bool isBusy = end is PeerCallEnd.Busy or PeerCallEnd.GivenUp;
        if (!isBusy)
        {
            contest.Heard(favourite, standing);
        }

        TimeSpan pause = Pause - time.GetElapsedTime(asked);
        if ((isBusy || standing != Standing.Out) && pause > TimeSpan.Zero)
        {
            await Task.Delay(pause < left ? pause : left, time, cancellationToken);
        }

        return false;
    }

    private async Task<(Standing Standing, PeerCallEnd End)> AskAsync(
        Peer peer, SearchRun run, TimeSpan left, CancellationToken cancellationToken)
    {
        Wire.LocateRequest request = HolderSearch.Question(run.Module);
        request.WantsUpstream = true;
        bool mayWait = peer.TryWait();
        try
        {
            TimeSpan wait = left < MostWait ? left : MostWait;
            request.WaitMs = mayWait ? (uint)Math.Max(1, wait.TotalMilliseconds) : 0;
            return await search.LocateAsync(run, peer, request, cancellationToken);
        }
        finally
        {
            if (mayWait)
            {
                peer.EndWait();
            }
        }
    }
}
