namespace Athens.Federation.Node.Federation.Fetching;

/// <summary>
/// Is a stream fast enough? Only the time spent waiting for the holder counts: this node's own slow disk must not look like
/// a slow peer. Thread-safe: one task reads the stream, a timer looks on.
/// </summary>
internal sealed class Pace
{
    /// <summary>Under this for a whole <see cref="Window"/>, a stream is given up: no file is worth 6 hours for 350 MB.</summary>
    public const long LeastRate = 16 << 10;

    /// <summary>Under this, the stream goes on but upstream is started beside it: a developer with a modem would notice.</summary>
    public const long StruggleRate = 256 << 10;

    /// <summary>The first bytes may need the holder's disk and a busy machine.</summary>
    public static readonly TimeSpan FirstBytes = TimeSpan.FromSeconds(5);

    /// <summary>Long enough for a lost packet's retransmission, short enough for who waits for one byte a second.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(3);

    /// <summary>No bytes for so long: upstream is started beside the stream.</summary>
    public static readonly TimeSpan StruggleAfter = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A stream that has brought too little for so long is left when somebody else is at hand: a developer does not notice it, and a
    /// pause of the machine costs a resumption elsewhere at worst.
    /// </summary>
    public static readonly TimeSpan LeaveAfter = TimeSpan.FromMilliseconds(400);

    /// <summary>Somebody asked later answers within this, or its own question was in vain.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(50);

    /// <summary>A stream that was beaten earlier than this may just have been far away.</summary>
    public static readonly TimeSpan OvertakenAfter = TimeSpan.FromMilliseconds(250);

    /// <summary>A holder that keeps just above the least rate costs no more than this and the time at <see cref="TotalRate"/>.</summary>
    public static readonly TimeSpan TotalFloor = TimeSpan.FromSeconds(10);

    public const long TotalRate = 64 << 10;

    private readonly TimeProvider time;
    private readonly TimeSpan most;
    private readonly Func<double> leastRate;

    /// <summary>Guards all below.</summary>
    private readonly Lock gate = new();
    private bool isWaiting;
    private long waitingSince;
    private TimeSpan waited;
    private TimeSpan windowStart;
    private long windowBytes;
    private TimeSpan recentStart;
    private long recentBytes;
    private TimeSpan lastCame;

    /// <param name="length">Bytes that the stream is to bring.</param>
    /// <param name="leastRate">Bytes a second below which somebody better is at hand; asked every <see cref="LeaveAfter"/>; zero when nobody is.</param>
    public Pace(TimeProvider time, long length, Func<double>? leastRate = null)
    {
        this.time = time;
        this.leastRate = leastRate ?? (static () => 0);
        most = TotalFloor + TimeSpan.FromSeconds(length / (double)TotalRate);
    }

    public long Bytes { get; private set; }

    /// <summary>Time spent waiting for the holder so far.</summary>
    public TimeSpan Waited
    {
        get
        {
            lock (gate)
            {
                return WaitedNow();
            }
        }
    }

    public void Wait()
    {
        lock (gate)
        {
            isWaiting = true;
            waitingSince = time.GetTimestamp();
        }
    }

    /// <summary>The wait is over: bytes came, or the stream ended or was cut, with none. That is no word from the holder.</summary>
    public void Came(int bytes)
    {
        lock (gate)
        {
            waited = WaitedNow();
            isWaiting = false;
            if (Bytes == 0)
            {
                (windowStart, recentStart) = (waited, waited);
            }

            Bytes += bytes;
            windowBytes += bytes;
            recentBytes += bytes;
            lastCame = bytes > 0 ? waited : lastCame;
        }
    }

    /// <summary>Bytes come too slowly to wait for this stream alone, or none have come for a while.</summary>
    public bool IsStruggling
    {
        get
        {
            lock (gate)
            {
                TimeSpan inWindow = WaitedNow() - windowStart;
                return inWindow >= StruggleAfter && windowBytes < StruggleRate * inWindow.TotalSeconds;
            }
        }
    }

    /// <summary>Bytes a second of the time spent waiting.</summary>
    public double Rate
    {
        get
        {
            lock (gate)
            {
                return Bytes / Math.Max(WaitedNow().TotalSeconds, 1e-3);
            }
        }
    }

    /// <summary>Nothing has come for a while.</summary>
    public bool IsSilent
    {
        get
        {
            lock (gate)
            {
                return WaitedNow() - lastCame >= Silence;
            }
        }
    }

    /// <summary>Others had everything before this stream did, and it was far behind.</summary>
    public bool HasCrawled
    {
        get
        {
            lock (gate)
            {
                TimeSpan now = WaitedNow();
                return now >= OvertakenAfter && Bytes < StruggleRate * now.TotalSeconds;
            }
        }
    }

    /// <summary>Why the stream is to be given up, and whether that is a fault (or only somebody else is much faster); null to go on.</summary>
    public (string Reason, bool IsFault)? Check()
    {
        lock (gate)
        {
            TimeSpan now = WaitedNow();
            if (Bytes == 0)
            {
                return now >= FirstBytes ? ($"no bytes within {FirstBytes.TotalSeconds:0} s", true) : null;
            }

            if (now >= most)
            {
                return ($"{Bytes} bytes in {now.TotalSeconds:0} s, longer than a file of this size may take", true);
            }

            TimeSpan length = now - windowStart;
            if (length >= Window)
            {
                double rate = windowBytes / length.TotalSeconds;
                windowStart = now;
                windowBytes = 0;
                if (rate < LeastRate)
                {
                    return ($"{rate:0} bytes a second, less than {LeastRate}", true);
                }
            }

            return CheckRecent(now);
        }
    }

    private (string Reason, bool IsFault)? CheckRecent(TimeSpan now)
    {
        TimeSpan length = now - recentStart;
        if (length < LeaveAfter)
        {
            return null;
        }

        double rate = recentBytes / length.TotalSeconds;
        recentStart = now;
        recentBytes = 0;
        return rate < leastRate() ? ($"{rate:0} bytes a second, far less than others give", false) : null;
    }

    private TimeSpan WaitedNow() => isWaiting ? waited + time.GetElapsedTime(waitingSince) : waited;
}
