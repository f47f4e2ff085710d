using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>Log methods of the peers table: 200 to 299 of Federation.</summary>
internal static partial class PeersLog
{
    private const int First = EventIds.Federation + 200;

    [LoggerMessage(First + 1, LogLevel.Information, "Peer {Peer} connected at {Address}, its log is {Log}")]
    public static partial void Connected(this ILogger logger, string peer, string address, string log);

    [LoggerMessage(First + 2, LogLevel.Information, "Peer {Peer} disconnected after {Connected}; it is dialled again")]
    public static partial void Disconnected(this ILogger logger, string peer, TimeSpan connected);

    [LoggerMessage(First + 3, LogLevel.Warning,
        "Peer {Peer} at {Endpoint} cannot be reached: {Reason}. It is dialled until it can, at most every minute; this is said once")]
    public static partial void Unreachable(this ILogger logger, string peer, string endpoint, string reason);

    [LoggerMessage(First + 4, LogLevel.Information, "Peer {Peer} is not asked for {Length}: {Fault}: {Reason}")]
    public static partial void SetAside(this ILogger logger, string peer, TimeSpan length, PeerFault fault, string reason);

    [LoggerMessage(First + 5, LogLevel.Error,
        "SECURITY: peer {Peer} ({Key}) is not asked for {Length}, what it said is proven untrue: {Evidence}. "
        + "Ask its operator; remove it from peers.toml if this was no accident")]
    public static partial void Lied(this ILogger logger, string peer, string key, TimeSpan length, string evidence);

    [LoggerMessage(First + 6, LogLevel.Error,
        "SECURITY: at {Endpoint}, the address of peer {Peer}, somebody else answers or its certificate is wrong: {Reason}. "
        + "Nothing is asked of it. Compare `athens key show` there with peers.toml here")]
    public static partial void OtherIdentity(this ILogger logger, string endpoint, string peer, string reason);

    [LoggerMessage(First + 16, LogLevel.Warning,
        "Peer {Peer} holds {Module} with other hashes than are believed ({Why}); it is not used as a holder: {Record}")]
    public static partial void HoldsOtherHashes(this ILogger logger, string peer, ModuleVersion module, string why, string record);

    [LoggerMessage(First + 10, LogLevel.Information,
        "{Module}: waited {Waited} for {Peer} on the LAN, which did not deliver; this node goes upstream itself")]
    public static partial void StoppedWaiting(this ILogger logger, ModuleVersion module, TimeSpan waited, string peer);

    [LoggerMessage(First + 11, LogLevel.Error, "Connecting peer {Peer} ended by a fault of this node; it is tried again. Please report it")]
    public static partial void ConnectingFault(this ILogger logger, string peer, Exception exception);

    [LoggerMessage(First + 12, LogLevel.Warning,
        "Peer {Peer} has this node's own key: its entry in peers.toml is left out")]
    public static partial void IsSelf(this ILogger logger, string peer);

    [LoggerMessage(First + 14, LogLevel.Information, "Peer {Peer} did not say who it is, it is dialled anew: {Reason}")]
    public static partial void SaidOtherwise(this ILogger logger, string peer, string reason);

    [LoggerMessage(First + 15, LogLevel.Information,
        "Peer {Peer} was left after {Connected}: it is no peer any more, or another one than before, or this node stops")]
    public static partial void Left(this ILogger logger, string peer, TimeSpan connected);

    [LoggerMessage(First + 13, LogLevel.Error, "Peers: {What} ended by a fault of this node; please report it")]
    public static partial void PeersFault(this ILogger logger, string what, Exception exception);
}
