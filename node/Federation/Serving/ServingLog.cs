using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Federation.Serving;

/// <summary>Log methods of serving peers: ids 100 to 199 of this room, 400 to 499 for the listener.</summary>
internal static partial class ServingLog
{
    [LoggerMessage(EventIds.Federation + 100, LogLevel.Debug, "The peer {Peer} calls itself {Name} and runs {Software}")]
    public static partial void Introduced(this ILogger logger, string peer, string name, string software);

    [LoggerMessage(EventIds.Federation + 101, LogLevel.Error,
        "The store could not be read for a peer's {Method} ({Reason}); it was answered UNAVAILABLE and asks another node. {Missed} more such calls in the minute before were not logged")]
    public static partial void StoreUnreadable(this ILogger logger, string method, string reason, long missed);

    [LoggerMessage(EventIds.Federation + 102, LogLevel.Error,
        "A peer's {Method} ended by a fault of this node; please report it. {Missed} more such calls in the minute before were not logged")]
    public static partial void CallFault(this ILogger logger, string method, long missed, Exception exception);

    [LoggerMessage(EventIds.Federation + 400, LogLevel.Information, "Peers may connect to {Address} with key = \"{Key}\"")]
    public static partial void ServingPeers(this ILogger logger, string address, string key);

    [LoggerMessage(EventIds.Federation + 401, LogLevel.Warning,
        "A connection to the peer port was refused: {Reason}. Nothing is wrong with this node; to make it a peer: a [[peer]] section, 'athens peers pin', or an invitation to the pool")]
    public static partial void ConnectionRefused(this ILogger logger, string reason);

    [LoggerMessage(EventIds.Federation + 402, LogLevel.Warning,
        "{Count} more connections to the peer port were refused in the minute before than were logged")]
    public static partial void MoreConnectionsRefused(this ILogger logger, long count);

    [LoggerMessage(EventIds.Federation + 403, LogLevel.Information, "A connection of {Peer} was closed: it is no longer a peer")]
    public static partial void ConnectionOfFormerPeer(this ILogger logger, string peer);
}
