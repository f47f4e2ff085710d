using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Upstream;

internal static partial class UpstreamLog
{
    [LoggerMessage(EventIds.Upstream + 1, LogLevel.Information, "Upstream: {Verb} {Target} took {Milliseconds} ms")]
    public static partial void Done(this ILogger logger, string verb, string target, long milliseconds);

    [LoggerMessage(EventIds.Upstream + 2, LogLevel.Information, "Upstream: {Verb} {Target} ended as {Kind}: {Reason}")]
    public static partial void Failed(this ILogger logger, string verb, string target, OutcomeKind kind, string reason);

    [LoggerMessage(EventIds.Upstream + 3, LogLevel.Error,
        "Upstream: {Target} failed its checksum; nothing of it is kept. Find out whether its tag was moved: {Reason}")]
    public static partial void Conflict(this ILogger logger, string target, string reason);

    [LoggerMessage(EventIds.Upstream + 4, LogLevel.Error, "Upstream: this node cannot fetch {Target}: {Reason}")]
    public static partial void OwnFault(this ILogger logger, string target, string reason);

    [LoggerMessage(EventIds.Upstream + 5, LogLevel.Warning,
        "Upstream: {Verb} {Target} was killed with all it had started, after {Milliseconds} ms (upstream timeout)")]
    public static partial void TimedOut(this ILogger logger, string verb, string target, long milliseconds);

    [LoggerMessage(EventIds.Upstream + 6, LogLevel.Warning,
        "Upstream: {Waiting} calls wait for a child; {Target} was turned away. Raise [upstream] workers if this goes on")]
    public static partial void TurnedAway(this ILogger logger, int waiting, string target);

    [LoggerMessage(EventIds.Upstream + 7, LogLevel.Information,
        "Upstream: the kept clones take {Bytes} bytes, more than cache_size; removed {Removed} least recently used")]
    public static partial void Trimmed(this ILogger logger, long bytes, int removed);

    [LoggerMessage(EventIds.Upstream + 8, LogLevel.Warning,
        "Upstream: the kept clone {Clone} is damaged, or its content failed a checksum; it will be cloned afresh")]
    public static partial void CloneCondemned(this ILogger logger, string clone);

    [LoggerMessage(EventIds.Upstream + 9, LogLevel.Warning, "Upstream: {Path} could not be removed")]
    public static partial void NotRemoved(this ILogger logger, string path, Exception exception);

    [LoggerMessage(EventIds.Upstream + 10, LogLevel.Information, "Upstream: using {Command}, {Version}")]
    public static partial void GoFound(this ILogger logger, string command, string version);
}
