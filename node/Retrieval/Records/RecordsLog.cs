using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Retrieval.Records;

/// <summary>What bringing held module versions into the log tells its operator. Ids 100 to 149 of the room.</summary>
internal static partial class RecordsLog
{
    [LoggerMessage(EventIds.Retrieval + 100, LogLevel.Debug, "{Count} held module versions were recorded in the log")]
    public static partial void RecordsAdded(this ILogger logger, int count);

    [LoggerMessage(EventIds.Retrieval + 101, LogLevel.Warning,
        "Held module versions could not be recorded in the log, it is tried again in {Pause}: {Reason}")]
    public static partial void RecordsWait(this ILogger logger, TimeSpan pause, string reason);

    [LoggerMessage(EventIds.Retrieval + 102, LogLevel.Error,
        "SECURITY: {Module} is held with other hashes than the record {Number} of the log {Log} has: recorded {Recorded}, held {Held}. "
        + "The record stays; find out who changed the data folder")]
    public static partial void RecordConflicts(this ILogger logger, ModuleVersion module, string log, long number, string recorded, string held);

    [LoggerMessage(EventIds.Retrieval + 103, LogLevel.Error, "The log {Log} could not be read or written for a look-up: {Reason}")]
    public static partial void LookupFailed(this ILogger logger, string log, string reason);
}
