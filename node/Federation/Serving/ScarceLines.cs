namespace Athens.Federation.Node.Federation.Serving;

/// <summary>Lets a few log lines a minute pass and counts the others: for what somebody else can cause as often as he likes.</summary>
internal sealed class ScarceLines(TimeProvider time)
{
    /// <summary>Enough to see what goes on; a flood would bury what else is told and fill the disk.</summary>
    public const int LinesAMinute = 5;

    /// <summary>
    /// Besides, what has not been told in this minute: who tries again and again does not hide who tries for the first time. As many
    /// as strangers of an office may have at once; keys cost nothing, so there is a bound.
    /// </summary>
    public const int NewAMinute = 16;

    // Guards what is below.
    private readonly Lock gate = new();
    private readonly HashSet<string> told = new(StringComparer.Ordinal);
    private long minuteBegan = time.GetTimestamp();
    private int lines;
    private long untold;

    /// <param name="missed">How many lines of the last minute were not written; told once, with the first line after it.</param>
    public bool Allow(out long missed)
    {
        lock (gate)
        {
            missed = Turn();
            return Count();
        }
    }

    /// <param name="line">What is to be told. The first line of its words in a minute does not count among the few.</param>
    /// <param name="missed">As above.</param>
    public bool Allow(string line, out long missed)
    {
        lock (gate)
        {
            missed = Turn();
            return (told.Count < NewAMinute && told.Add(line)) || Count();
        }
    }

    private long Turn()
    {
        if (time.GetElapsedTime(minuteBegan) < TimeSpan.FromMinutes(1))
        {
            return 0;
        }

        minuteBegan = time.GetTimestamp();
        (long missed, untold, lines) = (untold, 0, 0);
        told.Clear();
        return missed;
    }

    private bool Count()
    {
        bool isAllowed = ++lines <= LinesAMinute;
        untold += isAllowed ? 0 : 1;
        return isAllowed;
    }
}
