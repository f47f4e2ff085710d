namespace Athens.Federation.Node.Telemetry;

/// <summary>
/// Whether one exporter's endpoint takes what is sent. Tells the operator once when it stops and once when it is well
/// again, and spares a failing endpoint (and this node) most attempts.
/// </summary>
internal sealed class ExportHealth(string exporter, Uri endpoint, ILogger logger, TimeProvider time)
{
    /// <summary>An endpoint that answers now and then would cost a line each time; this many in a row are "well again".</summary>
    public const int WellAfter = 3;

    /// <summary>The first pause after a failure; each further failure doubles it.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    /// <summary>A collector that comes back is noticed within this time.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(16);

    /// <summary>Guards all fields below; traces and metrics are exported by two threads.</summary>
    private readonly Lock gate = new();
    private readonly string shown = endpoint.GetComponents(
        UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.SafeUnescaped);
    private DateTimeOffset notBefore = DateTimeOffset.MinValue;
    private TimeSpan pause = FirstPause;
    private int successes;
    private bool failing;
    private bool closed;

    /// <summary>False while a failing endpoint is left alone, and after <see cref="Close"/>.</summary>
    public bool MayTry()
    {
        lock (gate)
        {
            return !closed && time.GetUtcNow() >= notBefore;
        }
    }

    public void Succeeded()
    {
        lock (gate)
        {
            pause = FirstPause;
            notBefore = DateTimeOffset.MinValue;
            if (!failing || ++successes < WellAfter)
            {
                return;
            }

            failing = false;
        }

        TelemetryLog.ExportRecovered(logger, exporter, shown);
    }

    public void Failed(string reason)
    {
        lock (gate)
        {
            successes = 0;
            notBefore = time.GetUtcNow() + pause;
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            if (failing || closed)
            {
                return;
            }

            failing = true;
        }

        TelemetryLog.ExportFailing(logger, exporter, shown, reason);
    }

    /// <summary>Nothing is tried and nothing is told from now on.</summary>
    public void Close()
    {
        lock (gate)
        {
            closed = true;
        }
    }
}
