namespace Athens.Federation.Node.Federation.Peers;

/// <summary>
/// For how long a peer is not asked after a fault: longer with every fault of the same kind that follows without a success
/// between. Thread-safe.
/// </summary>
internal sealed class SetAside
{
    /// <summary>A peer cannot put itself off for longer than this: it would be as good as gone.</summary>
    public static readonly TimeSpan MostPushback = TimeSpan.FromMinutes(1);

    private const int Kinds = (int)PeerFault.Lied + 1;

    /// <summary>First and longest time for each fault, in the order of <see cref="PeerFault"/>; each time is twice the last.</summary>
    private static readonly (TimeSpan First, TimeSpan Most)[] Times =
    [
        (TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(30)), // a restart takes seconds, and reconnecting has delays of its own
        (TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(60)), // each try costs a request the hedge delay
        (TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(10)), // it is well, there is only too much at once
        (TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5)),         // cured by a person: an upgrade, a peers.toml
        (TimeSpan.FromMinutes(15), TimeSpan.FromHours(24)),         // an operator should have looked by then
    ];

    /// <summary>Guards all below.</summary>
    private readonly Lock gate = new();
    private readonly TimeProvider time;
    private readonly int[] streaks = new int[Kinds];
    private PeerFault gravest;
    private long since;
    private TimeSpan length;

    public SetAside(TimeProvider time) => this.time = time;

    /// <summary>How much longer the peer is not asked; zero when it may be.</summary>
    public TimeSpan Left
    {
        get
        {
            lock (gate)
            {
                return LeftNow();
            }
        }
    }

    /// <summary>Set aside for nothing worse than too much at once.</summary>
    public bool IsBusy
    {
        get
        {
            lock (gate)
            {
                return gravest == PeerFault.Busy && LeftNow() > TimeSpan.Zero;
            }
        }
    }

    /// <summary>Set aside because it did not answer in time, or at all.</summary>
    public bool IsSlow
    {
        get
        {
            lock (gate)
            {
                return gravest <= PeerFault.Slow && LeftNow() > TimeSpan.Zero;
            }
        }
    }

    /// <summary>
    /// Notes a fault and gives the time for which the peer is set aside now. Calls that fail together are one fault: what
    /// fails while the peer is set aside already counts only when it is graver, and prolongs when the peer asks for it.
    /// </summary>
    public TimeSpan Add(PeerFault fault, TimeSpan pushback = default)
    {
        lock (gate)
        {
            TimeSpan left = LeftNow();
            TimeSpan next = TimeSpan.Zero;
            if (left == TimeSpan.Zero || fault > gravest)
            {
                gravest = fault;
                next = Of(fault, ++streaks[(int)fault]);
            }

            if (fault == PeerFault.Busy && pushback > TimeSpan.Zero)
            {
                next = pushback < MostPushback ? pushback : MostPushback;
            }

            if (next > left)
            {
                since = time.GetTimestamp();
                length = next;
            }

            return LeftNow();
        }
    }

    /// <summary>
    /// A call succeeded: the next fault is a first one again. A lie is forgotten only by its time, and an answer to a call
    /// that was under way when the peer was set aside says nothing of now.
    /// </summary>
    public void Succeeded()
    {
        lock (gate)
        {
            if (LeftNow() > TimeSpan.Zero)
            {
                return;
            }

            streaks.AsSpan(0, (int)PeerFault.Lied).Clear();
        }
    }

    private static TimeSpan Of(PeerFault fault, int streak)
    {
        (TimeSpan first, TimeSpan most) = Times[(int)fault];
        double ticks = first.Ticks * Math.Pow(2, streak - 1);
        return ticks < most.Ticks ? TimeSpan.FromTicks((long)ticks) : most;
    }

    private TimeSpan LeftNow()
    {
        TimeSpan left = length - (length == TimeSpan.Zero ? TimeSpan.Zero : time.GetElapsedTime(since));
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
