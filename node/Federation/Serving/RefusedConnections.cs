namespace Athens.Federation.Node.Federation.Serving;

/// <summary>Tells of refused connections, at most a few times a minute: anybody who reaches the port can cause them.</summary>
internal sealed class RefusedConnections(ILogger logger, TimeProvider time)
{
    /// <summary>Lines a minute; the rest is counted.</summary>
    public const int LinesAMinute = 5;

    // Guards what is below.
    private readonly Lock gate = new();
    private long minuteBegan = time.GetTimestamp();
    private int lines;
    private long untold;

    public void Tell(string reason)
    {
        long missed = 0;
        bool tell;
        lock (gate)
        {
            if (time.GetElapsedTime(minuteBegan) >= TimeSpan.FromMinutes(1))
            {
                minuteBegan = time.GetTimestamp();
                (missed, untold, lines) = (untold, 0, 0);
            }

            tell = ++lines <= LinesAMinute;
            untold += tell ? 0 : 1;
        }

        if (missed > 0)
        {
            logger.MoreConnectionsRefused(missed, reason);
        }

        if (tell)
        {
            logger.ConnectionRefused(reason);
        }
    }
}
