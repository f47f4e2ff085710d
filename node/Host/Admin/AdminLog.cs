using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Host.Admin;

/// <summary>Ids 100 to 119 of the room.</summary>
internal static partial class AdminLog
{
    [LoggerMessage(EventIds.Host + 100, LogLevel.Error,
        "The node runs without admin.sock, so 'athens incident' and other verbs for a running node do not reach it: {Reason}")]
    public static partial void NoSocket(this ILogger logger, string reason);

    [LoggerMessage(EventIds.Host + 101, LogLevel.Information, "{By} ran 'athens {Verb}', it ended with {ExitCode}")]
    public static partial void Ran(this ILogger logger, string by, string verb, int exitCode);

    [LoggerMessage(EventIds.Host + 102, LogLevel.Error, "'athens {Verb}' ended by a fault of this node; please report it")]
    public static partial void VerbFault(this ILogger logger, string verb, Exception exception);
}
