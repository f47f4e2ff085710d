namespace Athens.Federation.Node.Telemetry;

/// <summary>What this room has to tell an operator.</summary>
internal static partial class TelemetryLog
{
    [LoggerMessage(
        EventIds.Telemetry + 1,
        LogLevel.Information,
        "{Exporter} at {Endpoint} does not take telemetry: {Reason}. The node works on without it; what is recorded meanwhile is lost")]
    public static partial void ExportFailing(ILogger logger, string exporter, string endpoint, string reason);

    [LoggerMessage(EventIds.Telemetry + 2, LogLevel.Information, "{Exporter} at {Endpoint} takes telemetry again")]
    public static partial void ExportRecovered(ILogger logger, string exporter, string endpoint);

    [LoggerMessage(
        EventIds.Telemetry + 3,
        LogLevel.Warning,
        "{Count} log lines were dropped because the reader of the log did not keep up")]
    public static partial void LinesDropped(ILogger logger, long count);
}
