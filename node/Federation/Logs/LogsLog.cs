using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Federation.Logs;

/// <summary>Log methods of following logs: ids 500 to 549 of this room.</summary>
internal static partial class LogsLog
{
    private const int First = EventIds.Federation + 500;

    [LoggerMessage(First + 1, LogLevel.Information, "The log {Log} was mirrored from {Peer}: {Count} records in {Took}")]
    public static partial void Mirrored(this ILogger logger, string log, string peer, long count, TimeSpan took);

    [LoggerMessage(First + 2, LogLevel.Information, "The log of peer {Peer} cannot be followed for now: {Reason}. It is tried again; this is said once")]
    public static partial void NotFollowed(this ILogger logger, string peer, string reason);

    [LoggerMessage(First + 3, LogLevel.Warning, "The log of peer {Peer} cannot be mirrored for now: {Reason}")]
    public static partial void MirrorFailed(this ILogger logger, string peer, string reason);

    [LoggerMessage(First + 4, LogLevel.Warning,
        "SECURITY: peer {Peer} has lost records: its log {Log} has {Size} now, and had signed {Known}. What was mirrored stays. The peer is told, and stops signing; "
        + "tell its operator too")]
    public static partial void PeerLostRecords(this ILogger logger, string peer, string log, long size, long known);

    [LoggerMessage(First + 5, LogLevel.Error, "Following the log of peer {Peer} ended by a fault of this node; it is tried again. Please report it")]
    public static partial void FollowingFault(this ILogger logger, string peer, Exception exception);

    [LoggerMessage(First + 6, LogLevel.Error,
        "SECURITY: the log {Log} of peer {Peer} answers with a record of {Module} that is not in it: {Reason}. The answer was refused")]
    public static partial void LookupLied(this ILogger logger, string log, string peer, string module, string reason);

    [LoggerMessage(First + 7, LogLevel.Warning,
        "The log {Log} of peer {Peer} is mirrored, but not served at /sumdb: its name is no log's name of the form NODE/HEX, or another one has it already")]
    public static partial void NameNotServed(this ILogger logger, string log, string peer);

    [LoggerMessage(First + 8, LogLevel.Information,
        "The log of peer {Peer} has another key: {From} was followed by {To} at {Size} records, by a statement that both keys and the peer's identity key signed. Until {Until} "
        + "both sign; developers who verify against it need the new line by then")]
    public static partial void KeyRotated(this ILogger logger, string peer, string from, string to, long size, DateTimeOffset until);

    [LoggerMessage(First + 9, LogLevel.Information, "Logs of other nodes cannot be followed through peer {Peer} for now: {Reason}. It is tried again; this is said once")]
    public static partial void NotRelayed(this ILogger logger, string peer, string reason);
}
