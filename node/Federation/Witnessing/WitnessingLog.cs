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

    [LoggerMessage(First + 4, LogLevel.Error,
        "SECURITY: the log {Log} has signed two histories: a head of {Met} records asked for a cosignature that does not fit the one of {Known} records which was "
        + "cosigned before. It was not cosigned; the evidence is kept as an incident")]
    public static partial void ForkMet(this ILogger logger, string log, long known, long met);

    [LoggerMessage(First + 5, LogLevel.Error, "Two checkpoints of the log {Log} could not be compared, or the evidence not kept: {Reason}")]
    public static partial void ForkNotKept(this ILogger logger, string log, string reason);
}
