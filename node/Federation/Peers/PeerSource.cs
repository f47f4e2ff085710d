using System.Diagnostics;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Trust;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>
/// Fills and verifies a fetch from holders of what a believed record says (Fetching). <c>holders</c> gives those found by now, the best
/// first: a search goes on while bytes are on their way.
/// </summary>
internal delegate Task<Outcome<ModuleFacts>> TransferModule(
    PeerFetch fetch, ModuleRecord believed, Func<IReadOnlyList<Holder>> holders, CancellationToken cancellationToken);

/// <summary>
/// Module versions from peers: search, then transfer from the holders found. When no holder is known soon, this node goes
/// upstream in parallel, unless a neighbour on the LAN does (<see cref="Election"/>).
/// </summary>
internal sealed class PeerSource : IPeerSource
{
    /// <summary>Upstream begins when no holder is known after this long and all who were asked are on the LAN (DESIGN.md section 6).</summary>
    public static readonly TimeSpan LanHeadStart = TimeSpan.FromMilliseconds(20);

    /// <summary>The same with others among them.</summary>
    public static readonly TimeSpan HeadStart = TimeSpan.FromMilliseconds(150);

    /// <summary>Peers that said "busy" are asked again for so long; upstream has been under way for most of it.</summary>
    public static readonly TimeSpan BusyPatience = TimeSpan.FromSeconds(10);

    private const string Nobody = "no peer whose bytes could be believed is connected";

    /// <summary>Between two rounds, when no peer said when to come back.</summary>
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(100);

    private readonly PeerTable table;
    private readonly HolderSearch search;
    private readonly KnownHolders known;
    private readonly Election election;
    private readonly TransferModule transfer;
    private readonly PeerLists lists;
    private readonly TimeProvider time;

    public PeerSource(
        PeerTable table, HolderSearch search, Election election, TransferModule transfer, PeerLists lists, TimeProvider time)
    {
        this.table = table;
        this.search = search;
        known = new KnownHolders(table, search);
        this.election = election;
        this.transfer = transfer;
        this.lists = lists;
        this.time = time;
    }

    public Task<Outcome<ModuleFacts>> FetchAsync(PeerFetch fetch, CancellationToken cancellationToken)
    {
        if (IsAnyOfUse(fetch.Trust))
        {
            return SeekAsync(fetch, cancellationToken);
        }

        fetch.StartUpstream();
        return Task.FromResult(Outcome<ModuleFacts>.Absent(Nobody));
    }

    public Task<Outcome<VersionList>> VersionsAsync(string path, CancellationToken cancellationToken) =>
        IsAnyTrusted() ? lists.VersionsAsync(path, cancellationToken) : Task.FromResult(Outcome<VersionList>.Absent(Nobody));

    public Task<Outcome<ResolvedVersion>> ResolveAsync(string path, string query, CancellationToken cancellationToken) =>
        IsAnyTrusted() ? lists.ResolveAsync(path, query, cancellationToken) : Task.FromResult(Outcome<ResolvedVersion>.Absent(Nobody));

    private async Task<Outcome<ModuleFacts>> SeekAsync(PeerFetch fetch, CancellationToken cancellationToken)
    {
        using Activity? span = Tracing.Source.StartActivity("peers.fetch");
        long start = time.GetTimestamp();
        _ = fetch.Trust.ProveAsync();
        while (true)
        {
            (Outcome<ModuleFacts> outcome, bool isTurnedAway) = await RoundAsync(fetch, cancellationToken);
            if (outcome.Kind != OutcomeKind.Absent || !isTurnedAway || time.GetElapsedTime(start) >= BusyPatience)
            {
                span?.SetTag("athens.outcome", outcome.Kind.ToString()).SetTag("athens.source", outcome.Source);
                return outcome;
            }

            await Task.Delay(PauseForBusy(fetch.Module.Path), time, cancellationToken);
        }
    }

    private async Task<(Outcome<ModuleFacts> Outcome, bool IsTurnedAway)> RoundAsync(PeerFetch fetch, CancellationToken cancellationToken)
    {
        List<Peer> peers = [.. Candidates(fetch)];
        SearchRun run = search.Begin(fetch.Trust, fetch.Trust.ProveAsync());
        if (await known.FindAsync(fetch, cancellationToken) is { } holder)
        {
            peers.Remove(holder);
            await AskFirstAsync(run, holder, cancellationToken);
        }

        if (!run.Known.IsCompleted)
        {
            await SearchAsync(run, peers, fetch, cancellationToken);
        }

        Outcome<ModuleFacts> outcome = await TakeAsync(run, fetch, cancellationToken);
        if (!outcome.IsFound && !run.Now.Verdict.IsRefused && await AskLastAsync(run, fetch, cancellationToken))
        {
            outcome = await TakeAsync(run, fetch, cancellationToken);
        }

        return (outcome, run.IsTurnedAway || IsAnyBusy(fetch.Module.Path));
    }

    /// <summary>Mirrored logs tell who holds what is believed: one question goes straight there, and the others are asked when it takes longer than usual.</summary>
    private async Task AskFirstAsync(SearchRun run, Peer holder, CancellationToken cancellationToken)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task asked = search.AskAsync(run, [holder], null, isAll: false);
        await Task.WhenAny(run.Known, asked, Task.Delay(SearchRun.MostGrace, time, over.Token));
        await over.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task SearchAsync(SearchRun run, List<Peer> peers, PeerFetch fetch, CancellationToken cancellationToken)
    {
        if (peers.Count == 0)
        {
            fetch.StartUpstream();
        }

        Contest? contest = fetch.UpstreamStarted ? null : election.Begin(fetch, peers);
        _ = search.AskAsync(run, peers, contest, isAll: true);
        if (!await IsKnownSoonAsync(run, peers, cancellationToken))
        {
            await SearchOnAsync(run, contest, fetch, cancellationToken);
        }
    }

    /// <summary>
    /// Peers that are set aside for being slow, when nobody else could help. Upstream has begun, and once it has said that there is no such thing they are
    /// not waited for. True when one of them turned out to hold what is believed.
    /// </summary>
    private async Task<bool> AskLastAsync(SearchRun run, PeerFetch fetch, CancellationToken cancellationToken)
    {
        HashSet<Peer> holding = [.. run.Now.Holders.Select(static holder => holder.Peer)];
        Peer[] slow =
        [
            .. table.Peers.Where(peer => peer.IsMerelySlow && IsOfUse(peer, fetch.Trust) && search.MayAsk(peer, fetch.Module.Path) && !holding.Contains(peer))
                .Take(PeerOrder.MostAsked),
        ];
        if (slow.Length == 0)
        {
            return false;
        }

        fetch.StartUpstream();
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task asked = search.AskLastAsync(run, slow, over.Token);
        await Task.WhenAny(asked, fetch.UpstreamHasNone);
        await over.CancelAsync();
        try
        {
            await asked;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Upstream has none.
        }

        return run.Now.Holders.Count > holding.Count || run.Now.Verdict.IsRefused;
    }

    private async Task<Outcome<ModuleFacts>> TakeAsync(SearchRun run, PeerFetch fetch, CancellationToken cancellationToken)
    {
        if (await IsRefusedAsync(fetch.Trust, cancellationToken))
        {
            return Refused(fetch);
        }

        Findings found = run.Now;
        if (found.Record is not { } record)
        {
            fetch.StartUpstream();
            return found is { IsHeld: true, Verdict.IsBelieved: false }
                ? Outcome<ModuleFacts>.NotHeld($"{fetch.Module} is held by peers, but not taken from them: {found.Verdict.Why}")
                : Outcome<ModuleFacts>.Absent($"no connected peer holds {fetch.Module}");
        }

        Outcome<ModuleFacts> outcome = await TransferAsync(run, record, fetch, cancellationToken);
        if (await IsRefusedAsync(fetch.Trust, cancellationToken))
        {
            return Refused(fetch);
        }

        if (!outcome.IsFound)
        {
            fetch.StartUpstream();
        }

        return outcome;
    }

    /// <summary>What records cannot settle a public proof may: it is waited for before anything is refused.</summary>
    private static async Task<bool> IsRefusedAsync(TrustCase trust, CancellationToken cancellationToken)
    {
        if (trust.Now.IsRefused)
        {
            await trust.ProveAsync().WaitAsync(cancellationToken);
        }

        return trust.Now.IsRefused;
    }

    /// <summary>
    /// From those known by now and those found meanwhile. When none of them could give it, those who have not answered yet are
    /// waited for: whoever is quick to say that it holds something need not be the one that does.
    /// </summary>
    private async Task<Outcome<ModuleFacts>> TransferAsync(
        SearchRun run, ModuleRecord record, PeerFetch fetch, CancellationToken cancellationToken)
    {
        IReadOnlyList<Holder> tried = [];
        Outcome<ModuleFacts> outcome = await transfer(fetch, record, () => tried = run.Now.Holders, cancellationToken);
        if (outcome.IsFound || run.Now.Verdict.IsRefused)
        {
            return outcome;
        }

        fetch.StartUpstream();
        await run.Complete.WaitAsync(cancellationToken);
        IReadOnlyList<Holder> Others() => [.. run.Now.Holders.Except(tried)];
        return Others().Count > 0 && run.Now.Record is { } other ? await transfer(fetch, other, Others, cancellationToken) : outcome;
    }

    private static async Task<bool> IsInTimeAsync(Task task, Task patience)
    {
        await Task.WhenAny(task, patience);
        return task.IsCompleted;
    }

    private async Task<bool> IsKnownSoonAsync(SearchRun run, IReadOnlyList<Peer> asked, CancellationToken cancellationToken)
    {
        TimeSpan headStart = asked.All(static peer => peer.IsOnLan) ? LanHeadStart : HeadStart;
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task patience = Task.Delay(headStart, time, over.Token);
        bool isEnded = await IsInTimeAsync(Task.WhenAny(run.Known, run.Complete), patience);
        await over.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        return isEnded && run.Known.IsCompleted;
    }

    /// <summary>No holder so far: upstream begins, or a neighbour's fetch is waited for; a holder that turns up ends either.</summary>
    private async Task SearchOnAsync(SearchRun run, Contest? contest, PeerFetch fetch, CancellationToken cancellationToken)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task elected = election.RunAsync(run, contest, fetch, over.Token);
        await Task.WhenAny(run.Known, Task.WhenAll(elected, run.Complete)).WaitAsync(cancellationToken);
        await over.CancelAsync();
        try
        {
            await elected;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // A holder turned up first.
        }
    }

    private IReadOnlyList<Peer> Candidates(PeerFetch fetch)
    {
        Peer[] may = [.. table.Peers.Where(peer => peer.Link is not null && search.MayAsk(peer, fetch.Module.Path))];
        if (!may.Any(peer => peer.IsAvailable && IsOfUse(peer, fetch.Trust)))
        {
            return [];
        }

        IReadOnlyList<Peer> best = PeerOrder.Choose(may, PeerOrder.MostAsked);
        // The election needs the neighbours' word, and asking on the LAN costs nothing.
        IEnumerable<Peer> rivals = may.Where(peer => peer.IsAvailable && Election.IsRival(peer, fetch.Trust)).Take(Election.MostRivals);
        return [.. best.Union(rivals)];
    }

    /// <summary>Anybody can give what is believed already or may be proven in public; else it takes somebody whose word counts.</summary>
    private static bool IsOfUse(Peer peer, TrustCase trust) => peer.IsTrusted || trust.Now.IsBelieved || trust.MayBeProven;

    /// <summary>A node without peers, or with none of use, must not notice that there could be some.</summary>
    private bool IsAnyOfUse(TrustCase trust)
    {
        IReadOnlyList<Peer> peers = table.Peers;
        for (int i = 0; i < peers.Count; i++)
        {
            if (peers[i].Link is not null && IsOfUse(peers[i], trust))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsAnyTrusted()
    {
        IReadOnlyList<Peer> peers = table.Peers;
        for (int i = 0; i < peers.Count; i++)
        {
            if (peers[i] is { IsTrusted: true, Link: not null })
            {
                return true;
            }
        }

        return false;
    }

    private bool IsAnyBusy(string path) => table.Peers.Any(peer => peer.IsBusy && peer.IsTrusted && search.MayAsk(peer, path));

    private TimeSpan PauseForBusy(string path)
    {
        TimeSpan soonest = table.Peers.Where(peer => peer.IsBusy && search.MayAsk(peer, path))
            .Select(static peer => peer.SetAsideLeft)
            .DefaultIfEmpty(LeastPause)
            .Min();
        return soonest > LeastPause ? soonest : LeastPause;
    }

    private static Outcome<ModuleFacts> Refused(PeerFetch fetch) =>
        Outcome<ModuleFacts>.Conflicting($"{fetch.Module} is refused: {fetch.Trust.Now.Why}");
}
