using Athens.Federation.Node.Federation.Peers;

namespace Athens.Federation.Node.Federation.Fetching;

/// <summary>
/// When somebody else is asked for the same bytes: how long first bytes take of late, what may be spent on second questions,
/// and which rate is poor.
/// </summary>
internal sealed record Hedging(LatencyQuantile FirstBytes, HedgeBudget Budget, RecentRates Rates, SilentHolders Silent);

/// <summary>Bytes a second of recent streams, all peers together. Thread-safe.</summary>
internal sealed class RecentRates
{
    /// <summary>Shorter streams tell of latency, not of rate.</summary>
    private const long LeastBytes = 256 << 10;

    /// <summary>The newest stream's weight: about the last nine make up the average.</summary>
    private const double Weight = 0.2;

    /// <summary>Of the average; peers on the LAN and across an ocean differ by less.</summary>
    private const double PoorShare = 0.05;

    /// <summary>A rate that is never poor: any zip that comes in one stream is here within seconds.</summary>
    private const double NeverPoor = 1 << 20;

    /// <summary>A rate that is always poor, whatever the average: a developer notices it, and somebody else is at hand.</summary>
    private const double AlwaysPoor = Pace.TotalRate;

    private readonly Lock gate = new();
    private double average;

    /// <summary>Below this rate another holder is worth a try.</summary>
    public double Poor
    {
        get
        {
            lock (gate)
            {
                return Math.Clamp(average * PoorShare, AlwaysPoor, NeverPoor);
            }
        }
    }

    public void Add(long bytes, TimeSpan duration)
    {
        if (bytes < LeastBytes || duration <= TimeSpan.Zero)
        {
            return;
        }

        double rate = bytes / duration.TotalSeconds;
        lock (gate)
        {
            average = average > 0 ? average + (Weight * (rate - average)) : rate;
        }
    }
}
