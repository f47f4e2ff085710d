namespace Athens.Federation.Node.Federation.Serving;

/// <summary>Lets a few log lines a minute pass and counts the others: for what somebody else can cause as often as he likes.</summary>
internal sealed class ScarceLines(TimeProvider time)
{
    /// <summary>Enough to see what goes on; a flood would bury what else is told and fill the disk.</summary>
    public const int LinesAMinute = 5;

    // Guards what is below.
    private readonly Lock gate = new();
    private long minuteBegan = time.GetTimestamp();
    private int lines;
    private long untold;

    /// <param name="missed">How many lines of the last minute were not written; told once, with the first line after it.</param>
    public bool Allow(out long missed)
    {
        lock (gate)
        {
            missed = 0;
            if (time.GetElapsedTime(minuteBegan) >= TimeSpan.FromMinutes(1))
            {
                minuteBegan = time.GetTimestamp();
                (missed, untold, lines) = (untold, 0, 0);
            }

            bool isAllowed = ++lines <= LinesAMinute;
            untold += isAllowed ? 0 : 1;
            return isAllowed;
        }
    }
}
