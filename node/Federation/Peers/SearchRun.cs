using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Trust;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>
/// One search for a module version: collects what peers answer and says when enough is known. It knows enough as soon as the policy believes
/// something and a holder of it is there; only other trusted peers that were asked get a little longer, so that a disagreement among
/// quick peers is seen before anything is served. What comes later is still compared. Thread-safe.
/// </summary>
internal sealed class SearchRun
{
    /// <summary>
    /// After it is believed others get this much longer, however slow answers are of late: one slow peer must not cost
    /// every miss its own slowness.
    /// </summary>
    public static readonly TimeSpan MostGrace = TimeSpan.FromMilliseconds(50);

    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly TimeSpan grace;
    private readonly long start;

    /// <summary>Guards all below.</summary>
    private readonly Lock gate = new();
    private readonly HashSet<Peer> pending = [];
    private readonly List<Holder> holders = [];
    private readonly HashSet<Peer> toldOf = [];
    private readonly TaskCompletionSource known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource complete = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>When it was first believed, counted from the start.</summary>
    private TimeSpan? believedAfter;
    private ITimer? graceTimer;
    private bool graceOver;
    private bool isAllAsked;
    private bool isProofOver;

    /// <param name="trust">What is searched, and what is known of it.</param>
    /// <param name="proving">Ends when no public proof is to be waited for any more.</param>
    /// <param name="grace">Counted from now: until then trusted peers that have not answered are waited for.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">For the operator.</param>
    public SearchRun(TrustCase trust, Task proving, TimeSpan grace, TimeProvider time, ILogger logger)
    {
        Trust = trust;
        this.grace = grace;
        this.time = time;
        this.logger = logger;
        start = time.GetTimestamp();
        isProofOver = proving.IsCompleted;
        if (!isProofOver)
        {
            _ = JudgeAfterAsync(proving);
        }
    }

    public TrustCase Trust { get; }

    public ModuleVersion Module => Trust.Module;

    /// <summary>Completes when a holder with believed hashes is known (and the grace is over), or it is to be refused.</summary>
    public Task Known => known.Task;

    /// <summary>Completes when all have been asked and have answered or were given up, and nothing else can make a holder believed.</summary>
    public Task Complete => complete.Task;

    /// <summary>Some peer refused for now: asking again before long may find more.</summary>
    public bool IsTurnedAway { get; private set; }

    public Findings Now
    {
        get
        {
            TrustVerdict verdict = Trust.Now;
            lock (gate)
            {
                Holder[] agreeing = [.. PeerOrder.Sort(holders.Where(holder => holder.Hashes == verdict.Believed))];
                return new Findings(verdict, RecordOf(verdict, agreeing), agreeing, holders.Count > 0);
            }
        }
    }

    /// <summary>Peers are about to be asked; each will be told of by <see cref="Ended"/> once.</summary>
    /// <param name="peers">Whom.</param>
    /// <param name="isAll">Nobody else will be asked in this search.</param>
    public void Expect(IEnumerable<Peer> peers, bool isAll)
    {
        lock (gate)
        {
            pending.UnionWith(peers);
            isAllAsked |= isAll;
        }

        Judge();
    }

    /// <summary>A peer holds it; its location was checked.</summary>
    public void Add(Holder holder)
    {
        lock (gate)
        {
            holders.Add(holder);
        }

        Trust.Add(holder.ToEvidence());
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

    /// <summary>
    /// A trusted record first, observed before vouched, since whoever is not trusted may state any .info; one that a holder has too before one that only a
    /// mirrored log tells of.
    /// </summary>
    private ModuleRecord? RecordOf(TrustVerdict verdict, Holder[] agreeing) => agreeing.Length == 0
        ? null
        : Trust.Records
            .Where(record => record is { IsTrusted: true, Quarantine: null, Text: not null } && record.Hashes == verdict.Believed)
            .OrderBy(record => !agreeing.Any(holder => holder.Record.Info == record.Text!.Info))
            .ThenBy(static record => !record.IsObserved)
            .FirstOrDefault()?.Text ?? agreeing[0].Record;

    private void Judge()
    {
        TrustVerdict verdict = Trust.Now;
        lock (gate)
        {
            if (verdict.IsBelieved)
            {
                believedAfter ??= time.GetElapsedTime(start);
                TellOfOthers(verdict);
            }

            if (verdict.IsRefused || (verdict.IsBelieved && !IsWaiting(verdict) && holders.Exists(holder => holder.Hashes == verdict.Believed)))
            {
                known.TrySetResult();
            }

            bool isProofAwaited = !isProofOver && !verdict.IsBelieved && holders.Count > 0;
            if (isAllAsked && pending.Count == 0 && !isProofAwaited)
            {
                complete.TrySetResult();
                graceTimer?.Dispose();
            }
        }
    }

    /// <summary>Under the lock: whether others may still contradict in time. What is settled above their heads waits for nobody.</summary>
    private bool IsWaiting(TrustVerdict verdict)
    {
        if (graceOver || verdict.Step < TrustStep.Namespace || !pending.Any(IsExpected))
        {
            return false;
        }

        if (graceTimer is null)
        {
            TimeSpan most = believedAfter!.Value + MostGrace;
            TimeSpan left = (grace < most ? grace : most) - time.GetElapsedTime(start);
            graceTimer = time.CreateTimer(EndGrace, null, left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }

        return true;
    }

    /// <summary>Its word would count, and by how quick it has been it comes within the grace.</summary>
    private bool IsExpected(Peer peer) => peer.IsTrusted && peer.Latency <= believedAfter + MostGrace;

    /// <summary>Under the lock: strangers that hold something else are no incident, and yet worth a line.</summary>
    private void TellOfOthers(TrustVerdict verdict)
    {
        foreach (Holder holder in holders.Where(holder => !holder.Peer.IsTrusted && holder.Hashes != verdict.Believed && toldOf.Add(holder.Peer)))
        {
            logger.HoldsOtherHashes(holder.Peer.Options.Name, Module, verdict.Why, holder.Location.Record.ToStringUtf8());
        }
    }

    private void EndGrace(object? state)
    {
        lock (gate)
        {
            graceOver = true;
        }

        Judge();
    }

    private async Task JudgeAfterAsync(Task proving)
    {
        await proving;
        lock (gate)
        {
            isProofOver = true;
        }

        Judge();
    }
}
