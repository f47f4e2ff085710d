using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Protocol;

internal static partial class ProtocolLog
{
    [LoggerMessage(EventId = EventIds.Protocol + 1, Level = LogLevel.Information, EventName = "RequestAnswered",
        Message = "{RequestId} {Method} {Path} {Status} {Outcome} {Module} {Version} {Source} {Bytes} bytes {ElapsedMs} ms")]
    public static partial void RequestAnswered(
        this ILogger logger,
        string requestId,
        string method,
        string path,
        int status,
        string outcome,
        string module,
        string version,
        string source,
        long bytes,
        double elapsedMs);

    [LoggerMessage(EventId = EventIds.Protocol + 2, Level = LogLevel.Error, EventName = "RequestFailed",
        Message = "Request {RequestId} for {Path} failed by a fault of this node and was answered 500. "
            + "Please report it with this stack")]
    public static partial void RequestFailed(this ILogger logger, Exception exception, string requestId, string path);

    [LoggerMessage(EventId = EventIds.Protocol + 3, Level = LogLevel.Error, EventName = "BodyCutShort",
        Message = "The file for request {RequestId} could not be read to its end; the connection was closed, so that "
            + "the client cannot take it for whole. Run 'athens store verify'")]
    public static partial void BodyCutShort(this ILogger logger, Exception exception, string requestId);

    [LoggerMessage(EventId = EventIds.Protocol + 4, Level = LogLevel.Error, EventName = "StoreFailed",
        Message = "Request {RequestId}: the store failed: {Reason}")]
    public static partial void StoreFailed(this ILogger logger, string requestId, string reason);

    [LoggerMessage(EventId = EventIds.Protocol + 5, Level = LogLevel.Error, EventName = "FileHasOtherLength",
        Message = "Request {RequestId}: the zip of {Module}@{Version} no longer has the {Length} bytes recorded, and was "
            + "not sent. Run 'athens store verify'")]
    public static partial void FileHasOtherLength(
        this ILogger logger, string requestId, string module, string version, long length);
}
