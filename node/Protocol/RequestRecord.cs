using System.Diagnostics;
using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Protocol;

/// <summary>Tells of each request: one log line, and tags on the request's trace when there is one.</summary>
internal sealed class RequestRecord(ProtocolOptions options, TimeProvider clock, ILogger logger)
{
    /// <summary>Bytes of a path that a log line shows: the longest served, and no room for a flood.</summary>
    private const int MaxPathShown = ModuleTarget.MaxLength;

    public static string ShownPath(HttpContext context)
    {
        string path = context.Request.Path.Value ?? "";
        return path.Length <= MaxPathShown && !path.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? path
            : FailureText.Shown(path, MaxPathShown);
    }

    public void Sent(HttpContext context, Answer answer, int status, long bytes, string requestId, long started)
    {
        if (Activity.Current is { } activity && answer.Module.Length > 0)
        {
            activity.SetTag("athens.module", answer.Module);
            activity.SetTag("athens.version", answer.Version);
            activity.SetTag("athens.source", answer.Source);
        }

        Write(context, status, answer.Outcome, answer.Module, answer.Version, answer.Source, bytes, requestId, started);
    }

    /// <summary>A request that ended without a whole answer.</summary>
    public void Ended(HttpContext context, int status, string outcome, string requestId, long started) =>
        Write(context, status, outcome, "", "", "", 0, requestId, started);

    private void Write(
        HttpContext context,
        int status,
        string outcome,
        string module,
        string version,
        string source,
        long bytes,
        string requestId,
        long started)
    {
        Meters.Request(outcome, source);
        if (!options.LogRequests || !logger.IsEnabled(LogLevel.Information))
        {
            return;
        }

        double elapsed = Math.Round(clock.GetElapsedTime(started).TotalMilliseconds, 3);
        logger.RequestAnswered(
            requestId, context.Request.Method, ShownPath(context), status, outcome, module, version, source, bytes, elapsed);
    }
}
