using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Retrieval;

/// <summary>Log methods of this room.</summary>
internal static partial class RetrievalLog
{
    [LoggerMessage(EventIds.Retrieval + 1, LogLevel.Information, "{Module} fetched from {Source} and stored in {Elapsed}")]
    public static partial void Fetched(this ILogger logger, ModuleVersion module, string source, TimeSpan elapsed);

    [LoggerMessage(EventIds.Retrieval + 2, LogLevel.Information, "{Module} not fetched: {Kind}: {Reason}")]
    public static partial void NotFetched(this ILogger logger, ModuleVersion module, OutcomeKind kind, string reason);

    [LoggerMessage(EventIds.Retrieval + 3, LogLevel.Error,
        "SECURITY: {Module} from {Source} refused: {What}: expected {Expected}, computed {Computed}; it is answered 403 until this node restarts or its incidents change")]
    public static partial void HashesDisagree(
        this ILogger logger, ModuleVersion module, string source, string what, string expected, string computed);

    [LoggerMessage(EventIds.Retrieval + 4, LogLevel.Error,
        "SECURITY: {Module} refused by {Source}: {Reason}; it is answered 403 until this node restarts or its incidents change")]
    public static partial void SourceReportsConflict(this ILogger logger, ModuleVersion module, string source, string reason);

    [LoggerMessage(EventIds.Retrieval + 5, LogLevel.Warning, "{Module} from {Source} refused, nothing stored: {Reason}")]
    public static partial void Malformed(this ILogger logger, ModuleVersion module, string source, string reason);

    [LoggerMessage(EventIds.Retrieval + 6, LogLevel.Error, "{Module} could not be stored: {Reason}")]
    public static partial void NotStored(this ILogger logger, ModuleVersion module, string reason);

    [LoggerMessage(EventIds.Retrieval + 7, LogLevel.Error, "{What} ended by a fault of this node; please report it")]
    public static partial void Fault(this ILogger logger, string what, Exception exception);

    [LoggerMessage(EventIds.Retrieval + 8, LogLevel.Information, "{What} could not be refreshed: {Kind}: {Reason}")]
    public static partial void NotRefreshed(this ILogger logger, string what, OutcomeKind kind, string reason);

    [LoggerMessage(EventIds.Retrieval + 9, LogLevel.Error, "The store could not be read for {What}: {Reason}")]
    public static partial void StoreUnreadable(this ILogger logger, string what, string reason);
}
