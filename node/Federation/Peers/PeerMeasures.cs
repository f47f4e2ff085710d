namespace Athens.Federation.Node.Federation.Peers;

/// <summary>How quick a peer has been of late. Thread-safe.</summary>
internal sealed class PeerMeasures
{
    /// <summary>What is assumed of a peer that has not answered yet: worse than a LAN, better than another continent.</summary>
    public static readonly TimeSpan AssumedLatency = TimeSpan.FromMilliseconds(50);

    /// <summary>Answers smaller than this tell of latency, larger ones of throughput.</summary>
    public const long LeastBulk = 64 << 10;

    /// <summary>The newest answer's weight: about the last nine answers make up the average.</summary>
    private const double Weight = 0.2;

    /// <summary>Guards all below.</summary>
    private readonly Lock gate = new();
    private double latencySeconds;
    private double bytesPerSecond;

    /// <summary>Moving average of the time of small answers.</summary>
    public TimeSpan Latency
    {
        get
        {
            lock (gate)
            {
                return latencySeconds > 0 ? TimeSpan.FromSeconds(latencySeconds) : AssumedLatency;
            }
        }
    }

    /// <summary>Moving average of bytes a second of large answers; zero while there was none.</summary>
    public double Throughput
    {
        get
        {
            lock (gate)
            {
                return bytesPerSecond;
            }
        }
    }

    public void Add(TimeSpan duration, long bytes)
    {
        // A clock tick of zero length would make the average infinite, or look as if nothing was measured.
        double seconds = Math.Max(duration.TotalSeconds, 1e-6);
        lock (gate)
        {
            if (bytes >= LeastBulk)
            {
                bytesPerSecond = Average(bytesPerSecond, bytes / seconds);
            }
            else
            {
                latencySeconds = Average(latencySeconds, seconds);
            }
        }
    }

    private static double Average(double before, double now) => before > 0 ? before + (Weight * (now - before)) : now;
}
