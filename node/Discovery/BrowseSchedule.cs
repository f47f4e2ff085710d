namespace Athens.Federation.Node.Discovery;

/// <summary>
/// When the LAN is asked who is there (RFC 6762 section 5.2): soon after a beginning, then after 1 s, 2 s, 4 s and so on, at last once an hour. Who comes
/// meanwhile says so by itself. Times are milliseconds.
/// </summary>
internal sealed class BrowseSchedule(Random random)
{
    public const long Longest = 3_600_000;

    private const long First = 1000;
    private const int LeastDelay = 20;
    private const int MostDelay = 120;

    private long interval = First;

    public long Next { get; private set; } = long.MaxValue;

    /// <summary>Begins anew, not before the time given. What was to be asked sooner still is.</summary>
    public void Begin(long at)
    {
        interval = First;
        Next = Math.Min(Next, at + random.Next(LeastDelay, MostDelay));
    }

    /// <summary>It was asked now.</summary>
    public void Asked(long now)
    {
        Next = now + interval;
        interval = Math.Min(interval * 2, Longest);
    }
}
