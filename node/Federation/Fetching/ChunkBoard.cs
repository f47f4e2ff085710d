using Athens.Federation.Node.Provenance;

namespace Athens.Federation.Node.Federation.Fetching;

/// <summary>
/// Which chunks of a zip are there, on their way, or free, and who brings what next. Streams get long runs, so that each runs
/// at full speed; who is done takes a part of the run that would take longest; at the very end, a chunk that crawls is
/// brought a second time by who is quick. Thread-safe; no I/O.
/// </summary>
internal sealed class ChunkBoard
{
    /// <summary>Copying a chunk pays when it would be here in less than this share of the time that its stream still needs.</summary>
    private const double CopyShare = 0.5;

    /// <summary>Of the fastest run's rate: a run below it brings less than what handing its chunks about costs.</summary>
    private const double PoorShare = 1.0 / 16;

    /// <summary>A run younger than this has no rate yet.</summary>
    private static readonly TimeSpan Unknown = TimeSpan.FromMilliseconds(100);

    /// <summary>Asking and the first bytes, roughly: nobody takes over what will be here sooner.</summary>
    private static readonly TimeSpan Handover = TimeSpan.FromMilliseconds(50);

    private readonly TimeProvider time;

    /// <summary>Guards all below.</summary>
    private readonly Lock gate = new();
    private readonly bool[] done;
    private readonly List<(int First, int End)> free;
    private readonly List<ChunkRun> runs = [];
    private int left;
    private int workers;
    private TaskCompletionSource changed = NewSignal();

    /// <param name="workers">Streams at once; the chunks are shared out among so many.</param>
    public ChunkBoard(int chunks, int workers, TimeProvider time)
    {
        this.time = time;
        this.workers = workers;
        done = new bool[chunks];
        free = [(0, chunks)];
        left = chunks;
    }

    public bool IsComplete
    {
        get
        {
            lock (gate)
            {
                return left == 0;
            }
        }
    }

    /// <summary>Streams at once from now on.</summary>
    public int Workers
    {
        set
        {
            lock (gate)
            {
                workers = value;
            }
        }
    }

    /// <summary>Ends at the next change that may give an idle worker something to do. Take it before calling <see cref="Take"/>.</summary>
    public Task Changed
    {
        get
        {
            lock (gate)
            {
                return changed.Task;
            }
        }
    }

    /// <summary>Bytes a second below which a run only holds up the others; zero when none is known.</summary>
    public double PoorRate
    {
        get
        {
            lock (gate)
            {
                return runs.Count == 0 ? 0 : runs.Max(run => RateOf(run) ?? 0) * PoorShare;
            }
        }
    }

    /// <summary>What a worker is to bring next; null when there is nothing for it at the moment.</summary>
    /// <param name="rate">Bytes a second that it had so far; zero when unknown.</param>
    public ChunkRun? Take(double rate)
    {
        lock (gate)
        {
            ChunkRun? run = TakeFree() ?? Steal(rate) ?? Copy(rate);
            if (run is not null)
            {
                runs.Add(run);
            }

            return run;
        }
    }

    /// <summary>The run's next chunk is verified and written. True when the run goes on.</summary>
    public bool Done(ChunkRun run)
    {
        lock (gate)
        {
            int chunk = run.Next++;
            if (!done[chunk])
            {
                done[chunk] = true;
                left--;
            }

            foreach (ChunkRun other in runs.Where(other => other != run && (left == 0 || (other.Next == chunk && other.End == chunk + 1))))
            {
                // Not inline: a cancelled stream may go on to call this board.
                _ = other.Over.CancelAsync();
            }

            bool goesOn = run.Next < run.End;
            if (!goesOn)
            {
                runs.Remove(run);
            }

            if (left == 0 || !goesOn)
            {
                Signal();
            }

            return goesOn;
        }
    }

    /// <summary>Is the chunk there already, brought by somebody else?</summary>
    public bool Has(int chunk)
    {
        lock (gate)
        {
            return done[chunk];
        }
    }

    /// <summary>The run has ended, however; what it has not brought is free again, unless somebody else brings it.</summary>
    public void Return(ChunkRun run)
    {
        lock (gate)
        {
            if (!runs.Remove(run))
            {
                return;
            }

            foreach (ChunkRun other in runs.Where(other => other.Next == run.Next))
            {
                other.HasCopy = false;
            }

            bool isElsewhere = done[run.Next] || runs.Exists(other => other.Next == run.Next);
            int first = isElsewhere ? run.Next + 1 : run.Next;
            if (first < run.End)
            {
                free.Add((first, run.End));
            }

            Signal();
        }
    }

    private ChunkRun? TakeFree()
    {
        if (free.Count == 0)
        {
            return null;
        }

        int idle = Math.Max(1, workers - runs.Count);
        int share = (free.Sum(static range => range.End - range.First) + idle - 1) / idle;
        (int first, int end) = free[0];
        int taken = Math.Min(end, first + share);
        free.RemoveAt(0);
        if (taken < end)
        {
            free.Insert(0, (taken, end));
        }

        return NewRun(first, taken, isCopy: false);
    }

    /// <summary>The end of the run that would take longest, in proportion to both rates.</summary>
    private ChunkRun? Steal(double rate)
    {
        ChunkRun? slowest = runs.Where(static run => run.End - run.Next > 1).MaxBy(run => Tail(run) / Known(run));
        if (slowest is null || Tail(slowest) * (double)ChunkRules.ChunkSize / Known(slowest) < Handover.TotalSeconds)
        {
            return null;
        }

        double mine = rate > 0 ? rate : Known(slowest);
        int stolen = Math.Clamp((int)(Tail(slowest) * (mine / (mine + Known(slowest)))), 1, Tail(slowest));
        int end = slowest.End;
        slowest.End -= stolen;
        return NewRun(slowest.End, end, isCopy: false);
    }

    private ChunkRun? Copy(double rate)
    {
        ChunkRun? slowest = runs.Where(static run => run is { IsCopy: false, HasCopy: false }).MaxBy(TimeLeft);
        double mine = rate > 0 ? rate : runs.Select(run => RateOf(run) ?? 0).DefaultIfEmpty().Max();
        if (slowest is null || time.GetElapsedTime(slowest.Started) < Unknown)
        {
            return null;
        }

        double copied = Handover.TotalSeconds + (mine > 0 ? ChunkRules.ChunkSize / mine : 1);
        if (copied > TimeLeft(slowest) * CopyShare)
        {
            return null;
        }

        slowest.HasCopy = true;
        return NewRun(slowest.Next, slowest.Next + 1, isCopy: true);
    }

    private ChunkRun NewRun(int first, int end, bool isCopy) => new(first, end, isCopy, time.GetTimestamp());

    /// <summary>Seconds that the chunk on its way still needs.</summary>
    private double TimeLeft(ChunkRun run)
    {
        long inChunk = Math.Max(0, run.Bytes - ((long)(run.Next - run.First) * ChunkRules.ChunkSize));
        return Math.Max(0, ChunkRules.ChunkSize - inChunk) / Known(run);
    }

    /// <summary>Chunks behind the one on its way.</summary>
    private static int Tail(ChunkRun run) => run.End - run.Next - 1;

    /// <summary>Bytes a second so far; null while it is too young to have a rate.</summary>
    private double? RateOf(ChunkRun run)
    {
        TimeSpan age = time.GetElapsedTime(run.Started);
        return age < Unknown ? null : run.Bytes / age.TotalSeconds;
    }

    /// <summary>A rate to divide by: of a run too young to have one, that of the others.</summary>
    private double Known(ChunkRun run)
    {
        double known = RateOf(run) ?? runs.Select(RateOf).OfType<double>().DefaultIfEmpty(1).Average();
        return Math.Max(known, 1);
    }

    private void Signal()
    {
        changed.TrySetResult();
        changed = NewSignal();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
