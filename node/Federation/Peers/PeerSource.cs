using System.Diagnostics;
using Athens.Federation.Node.Provenance;
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

    private const string Nobody = "no peer whose records are trusted is connected";

    /// <summary>Between two rounds, when no peer said when to come back.</summary>
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(100);

    private readonly PeerTable table;
    private readonly HolderSearch search;
    private readonly Election election;
    private readonly TransferModule transfer;
    private readonly PeerLists lists;
    private readonly TimeProvider time;

    public PeerSource(
        PeerTable table, HolderSearch search, Election election, TransferModule transfer, PeerLists lists, TimeProvider time)
    {
        this.table = table;
        this.search = search;
        this.election = election;
        this.transfer = transfer;
        this.lists = lists;
        this.time = time;
    }

    public Task<Outcome<ModuleFacts>> FetchAsync(PeerFetch fetch, CancellationToken cancellationToken)
    {
        if (IsAnyConnected())
        {
            return SeekAsync(fetch, cancellationToken);
        }

        fetch.StartUpstream();
        return Task.FromResult(Outcome<ModuleFacts>.Absent(Nobody));
    }

    public Task<Outcome<VersionList>> VersionsAsync(string path, CancellationToken cancellationToken) =>
        IsAnyConnected() ? lists.VersionsAsync(path, cancellationToken) : Task.FromResult(Outcome<VersionList>.Absent(Nobody));

    public Task<Outcome<ResolvedVersion>> ResolveAsync(string path, string query, CancellationToken cancellationToken) =>
        IsAnyConnected() ? lists.ResolveAsync(path, query, cancellationToken) : Task.FromResult(Outcome<ResolvedVersion>.Absent(Nobody));

    private async Task<Outcome<ModuleFacts>> SeekAsync(PeerFetch fetch, CancellationToken cancellationToken)
    {
        using Activity? span = Tracing.Source.StartActivity("peers.fetch");
        long start = time.GetTimestamp();
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
        IReadOnlyList<Peer> peers = Candidates(fetch.Module.Path);
        if (!peers.Any(static peer => peer.IsTrusted))
        {
            fetch.StartUpstream();
            return (Outcome<ModuleFacts>.Absent(Nobody), IsAnyBusy(fetch.Module.Path));
        }

        Contest? contest = fetch.UpstreamStarted ? null : election.Begin(fetch, peers);
        SearchRun run = search.Begin(
            fetch.Module, peers, contest, holder => fetch.Expect(Hashes(holder)));
        if (!await IsKnownSoonAsync(run, peers, cancellationToken))
        {
            await SearchOnAsync(run, contest, fetch, cancellationToken);
        }

        return (await TakeAsync(run, fetch, cancellationToken), run.IsTurnedAway || IsAnyBusy(fetch.Module.Path));
    }

    private async Task<Outcome<ModuleFacts>> TakeAsync(SearchRun run, PeerFetch fetch, CancellationToken cancellationToken)
    {
        Findings found = run.Now;
        if (found.Conflict is { } conflict)
        {
            return Refused(fetch, conflict);
        }

        if (found.Record is not { } record)
        {
            return Outcome<ModuleFacts>.Absent($"no connected peer holds {fetch.Module}");
        }

        Outcome<ModuleFacts> outcome = await TransferAsync(run, record, fetch, cancellationToken);
        if (run.Now.Conflict is { } late)
        {
            return Refused(fetch, late);
        }

        if (!outcome.IsFound)
        {
            fetch.StartUpstream();
        }

        return outcome;
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
        if (outcome.IsFound || run.Now.Conflict is not null)
        {
            return outcome;
        }

        fetch.StartUpstream();
        await run.Complete.WaitAsync(cancellationToken);
        IReadOnlyList<Holder> Others() => [.. run.Now.Holders.Except(tried)];
        if (Others() is not { Count: > 0 } others)
        {
            return outcome;
        }

        if (others.FirstOrDefault(static holder => holder.Peer.IsTrusted) is { } trusted)
        {
            // The first ones' failure may have taken back what is expected.
            fetch.Expect(Hashes(trusted));
        }

        return await transfer(fetch, record, Others, cancellationToken);
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

    private IReadOnlyList<Peer> Candidates(string path)
    {
        Peer[] may = [.. table.Peers.Where(peer => search.MayAsk(peer, path))];
        IReadOnlyList<Peer> best = PeerOrder.Choose(may, PeerOrder.MostAsked);
        // The election needs the neighbours' word, and asking on the LAN costs nothing.
        IEnumerable<Peer> rivals = may.Where(static peer => peer.IsAvailable && Election.IsRival(peer)).Take(Election.MostRivals);
        return [.. best.Union(rivals)];
    }

    /// <summary>A node without peers, or with none that it believes, must not notice that there could be some.</summary>
    private bool IsAnyConnected()
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

    private static Outcome<ModuleFacts> Refused(PeerFetch fetch, RecordConflict conflict) =>
        Outcome<ModuleFacts>.Conflicting($"{fetch.Module} is refused, trusted records of it disagree: {conflict}");

    private static ModuleHashes Hashes(Holder holder) =>
        new(holder.Record.ZipHash, holder.Record.ModHash, $"the record of peer {holder.Peer.Options.Name}");
}
