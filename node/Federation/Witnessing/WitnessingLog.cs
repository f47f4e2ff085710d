using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Federation.Witnessing;

/// <summary>Log methods of asking for cosignatures: ids 570 to 589 of this room.</summary>
internal static partial class WitnessingLog
{
    private const int First = EventIds.Federation + 570;

    [LoggerMessage(First + 1, LogLevel.Information, "Peer {Peer} witnesses this node's log from now on; {Size} records were cosigned")]
    public static partial void Witnessed(this ILogger logger, string peer, long size);

    [LoggerMessage(First + 2, LogLevel.Information, "Peer {Peer} does not witness this node's log for now: {Reason}. It is asked again; this is said once")]
    public static partial void NotWitnessed(this ILogger logger, string peer, string reason);

    [LoggerMessage(First + 3, LogLevel.Error, "Asking for cosignatures ended by a fault of this node; it goes on in a while. Please report it")]
    public static partial void AskingFault(this ILogger logger, Exception exception);
}
