namespace Athens.Federation.Node.Federation.Serving;

/// <summary>Tells of refused connections, at most a few times a minute, and each reason once before any is told again: anybody who reaches the port can cause them.</summary>
internal sealed class RefusedConnections(ILogger logger, TimeProvider time)
{
    private readonly ScarceLines lines = new(time);

    public void Tell(string reason)
    {
        if (!lines.Allow(reason, out long missed))
        {
            return;
        }

        if (missed > 0)
        {
            logger.MoreConnectionsRefused(missed);
        }

        logger.ConnectionRefused(reason);
    }
}
