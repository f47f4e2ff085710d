namespace Athens.Federation.Node.Discovery;

/// <summary>Something that was told, for as long as it was told to be good. Times are milliseconds of one clock.</summary>
/// <param name="Value">What.</param>
/// <param name="From">When it was told.</param>
/// <param name="Until">When it ends.</param>
/// <param name="Jitter">0 to 1: machines that heard the same must not ask for it at the same time.</param>
internal sealed record Held<T>(T Value, long From, long Until, double Jitter)
{
    /// <summary>RFC 6762 section 5.2: it is asked for again at 80, 85, 90 and 95 % of its life, each up to 2 % later.</summary>
    private static readonly double[] AskAt = [0.80, 0.85, 0.90, 0.95];

    /// <summary>How often it was asked for since.</summary>
    public int Asked { get; init; }

    public long NextAsk => Asked < AskAt.Length ? From + (long)((Until - From) * (AskAt[Asked] + (0.02 * Jitter))) : long.MaxValue;

    /// <summary>More than half of its life is left: whoever is asked need not tell it again (section 7.1).</summary>
    public bool IsFresh(long now) => Until - now > (Until - From) / 2;

    /// <summary>It ends soon; never later than it would have.</summary>
    public Held<T> EndingAt(long end) => end < Until ? this with { Until = end, Asked = AskAt.Length } : this;
}
