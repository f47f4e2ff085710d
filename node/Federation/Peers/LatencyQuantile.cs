namespace Athens.Federation.Node.Federation.Peers;

/// <summary>The 90th percentile of recent answers' times: who has not answered by then is worth a second question. Thread-safe.</summary>
internal sealed class LatencyQuantile
{
    /// <summary>Before there are enough answers to judge by (DESIGN.md section 6).</summary>
    public static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);

    /// <summary>Asking again within this is noise of the machine, not slowness of the peer.</summary>
    public static readonly TimeSpan Least = TimeSpan.FromMilliseconds(5);

    /// <summary>A developer waits: later than this a second question comes too late, however slow all peers are.</summary>
    public static readonly TimeSpan Most = TimeSpan.FromMilliseconds(500);

    /// <summary>Answers looked back on: some seconds of a busy node.</summary>
    private const int Samples = 128;

    /// <summary>Answers before the percentile means anything, and between two computations of it.</summary>
    private const int Step = 16;

    /// <summary>Guards all below.</summary>
    private readonly Lock gate = new();
    private readonly long[] ticks = new long[Samples];
    private long count;
    private TimeSpan delay = FirstDelay;

    /// <summary>How long to wait for an answer before another peer is asked as well.</summary>
    public TimeSpan HedgeDelay
    {
        get
        {
            lock (gate)
            {
                return delay;
            }
        }
    }

    /// <summary>An answer came after <paramref name="duration"/>; a call that failed counts with the time until it was given up.</summary>
    public void Add(TimeSpan duration)
    {
        lock (gate)
        {
            ticks[count++ % Samples] = duration.Ticks;
            if (count % Step == 0)
            {
                delay = Ninetieth();
            }
        }
    }

    private TimeSpan Ninetieth()
    {
        int have = (int)Math.Min(count, Samples);
        Span<long> sorted = stackalloc long[have];
        ticks.AsSpan(0, have).CopyTo(sorted);
        sorted.Sort();
        return TimeSpan.FromTicks(Math.Clamp(sorted[(have * 9) / 10], Least.Ticks, Most.Ticks));
    }
}
