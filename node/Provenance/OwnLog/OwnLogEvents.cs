using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Provenance.OwnLog;

/// <summary>What the node's own log tells its operator. Ids 1 to 49 of the room.</summary>
internal static partial class OwnLogEvents
{
    [LoggerMessage(EventIds.Provenance + 1, LogLevel.Error,
        "Nothing is signed by the log {Name} any more: {Problem}. Modules are served as before, look-ups in the log are refused. "
        + "Put the newest log.db back, or run 'athens log recover' while the node is stopped.")]
    public static partial void SigningStopped(this ILogger logger, string name, string problem);

    [LoggerMessage(EventIds.Provenance + 2, LogLevel.Error,
        "{Count} records could not be appended to the log and are tried again later: {Reason}")]
    public static partial void BatchFailed(this ILogger logger, int count, string reason);

    [LoggerMessage(EventIds.Provenance + 3, LogLevel.Information, "The log {Name} has {Size} records.")]
    public static partial void Opened(this ILogger logger, string name, long size);
}
