using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>
/// One search for a module version: collects what peers answer and says when enough is known. It knows enough as soon as a
/// trusted record and with it a holder is there; only other trusted peers that were asked get a little longer, so that a
/// disagreement among quick peers is seen before anything is served. What comes later is still compared. Thread-safe.
/// </summary>
internal sealed class SearchRun
{
    /// <summary>
    /// After the first trusted record others get this much longer, however slow answers are of late: one slow peer must not cost
    /// every miss its own slowness.
    /// </summary>
    public static readonly TimeSpan MostGrace = TimeSpan.FromMilliseconds(50);

    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly TimeSpan grace;
    private readonly long start;

    /// <summary>Guards all below.</summary>
    private readonly Lock gate = new();
    private readonly HashSet<Peer> pending;
    private readonly List<Holder> holders = [];
    private readonly TaskCompletionSource known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Holder? believed;

    /// <summary>When <see cref="believed"/> came, counted from the start.</summary>
    private TimeSpan believedAfter;
    private RecordConflict? conflict;
    private ITimer? graceTimer;
    private bool graceOver;

    /// <param name="module">What is searched.</param>
    /// <param name="asked">Each will be told of by <see cref="Ended"/> once.</param>
    /// <param name="grace">Counted from now: until then trusted peers that have not answered are waited for.</param>
    public SearchRun(ModuleVersion module, IReadOnlyList<Peer> asked, TimeSpan grace, TimeProvider time, ILogger logger)
    {
        Module = module;
        this.grace = grace;
        this.time = time;
        this.logger = logger;
        start = time.GetTimestamp();
        pending = [.. asked];
        if (pending.Count == 0)
        {
            complete.SetResult();
        }
    }

    public ModuleVersion Module { get; }

    /// <summary>Completes when a holder with believed hashes is known (and the grace is over), or a conflict.</summary>
    public Task Known => known.Task;

    /// <summary>Completes when all who were asked have answered or were given up.</summary>
    public Task Complete => complete.Task;

    /// <summary>Some peer refused for now: asking again before long may find more.</summary>
    public bool IsTurnedAway { get; private set; }

    /// <summary>Called once, as soon as a believed record is there, holder or not.</summary>
    public Action<Holder>? Believed { get; init; }

    public Findings Now
    {
        get
        {
            lock (gate)
            {
                IEnumerable<Holder> agreeing = believed is { } trusted ? holders.Where(holder => holder.Agrees(trusted.Record)) : [];
                return new Findings(believed, PeerOrder.Sort(agreeing), conflict);
            }
        }
    }

    /// <summary>A peer holds it; its location was checked.</summary>
    public void Add(Holder holder)
    {
        bool isFirst;
        lock (gate)
        {
            holders.Add(holder);
            isFirst = believed is null && holder.Peer.IsTrusted;
            if (isFirst)
            {
                believed = holder;
                believedAfter = time.GetElapsedTime(start);
                holders.ForEach(Compare);
            }
            else
            {
                Compare(holder);
            }
        }

        if (isFirst)
        {
            Believed?.Invoke(holder);
        }

        Judge();
    }

    /// <summary>A peer that was asked has answered, or was given up.</summary>
    public void Ended(Peer peer, bool turnedAway)
    {
        lock (gate)
        {
            pending.Remove(peer);
            IsTurnedAway |= turnedAway;
        }

        Judge();
    }

    private void Compare(Holder holder)
    {
        if (believed is not { } trusted || holder.Agrees(trusted.Record))
        {
            return;
        }

        string evidence = holder.Location.Record.ToStringUtf8();
        if (!holder.Peer.IsTrusted)
        {
            logger.HoldsOtherHashes(holder.Peer.Options.Name, Module, trusted.Peer.Options.Name, evidence);
            return;
        }

        conflict ??= new RecordConflict(trusted, holder);
        logger.RecordsDisagree(
            Module, trusted.Peer.Options.Name, trusted.Location.Record.ToStringUtf8(), holder.Peer.Options.Name, evidence);
    }

    private void Judge()
    {
        lock (gate)
        {
            bool isWaiting = !graceOver && pending.Any(IsExpected);
            if (conflict is not null || (believed is not null && !isWaiting))
            {
                known.TrySetResult();
            }
            else if (believed is not null && graceTimer is null)
            {
                TimeSpan left = (grace < believedAfter + MostGrace ? grace : believedAfter + MostGrace) - time.GetElapsedTime(start);
                graceTimer = time.CreateTimer(EndGrace, null, left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            }

            if (pending.Count == 0)
            {
                complete.TrySetResult();
                graceTimer?.Dispose();
            }
        }
    }

    /// <summary>Its word would count, and by how quick it has been it comes within the grace.</summary>
    private bool IsExpected(Peer peer) => peer.IsTrusted && peer.Latency <= believedAfter + MostGrace;

    private void EndGrace(object? state)
    {
        lock (gate)
        {
            graceOver = true;
        }

        Judge();
    }
}
