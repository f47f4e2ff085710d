using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Federation.Incidents;

/// <summary>Log methods of evidence on its way between nodes: ids 550 to 569 of this room.</summary>
internal static partial class IncidentsLog
{
    private const int First = EventIds.Federation + 550;

    [LoggerMessage(First + 1, LogLevel.Error, "Evidence of peer {Peer} was not taken by a fault of this node; it is tried again. Please report it")]
    public static partial void TakingFault(this ILogger logger, string peer, Exception exception);

    [LoggerMessage(First + 2, LogLevel.Information, "Peer {Peer} does not tell of evidence for now: {Reason}. It is asked again; this is said once")]
    public static partial void NotTold(this ILogger logger, string peer, string reason);
}
