using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Discovery;

internal static partial class DiscoveryLog
{
    [LoggerMessage(EventIds.Discovery + 1, LogLevel.Information, "The LAN is told that this node is there, as {Instance} on port {Port}, and asked for others ([discovery] mdns)")]
    public static partial void Publishing(this ILogger logger, string instance, int port);

    [LoggerMessage(EventIds.Discovery + 2, LogLevel.Information, "The LAN is asked for other nodes and not told of this one, which serves no peers there ([node] peer_listen)")]
    public static partial void Browsing(this ILogger logger);

    [LoggerMessage(EventIds.Discovery + 3, LogLevel.Warning, "Other nodes on the LAN cannot be found: {Reason}. Peers that are named are not affected; [discovery] mdns = false ends this message")]
    public static partial void CannotDiscover(this ILogger logger, string reason);

    [LoggerMessage(EventIds.Discovery + 4, LogLevel.Information, "Another machine on the LAN has the name {Before}: this node is {After} there from now on. Names prove nothing")]
    public static partial void Renamed(this ILogger logger, string before, string after);

    [LoggerMessage(EventIds.Discovery + 5, LogLevel.Debug, "On the LAN: {Instance} at {Endpoints}")]
    public static partial void Neighbour(this ILogger logger, string instance, string endpoints);

    [LoggerMessage(EventIds.Discovery + 6, LogLevel.Debug, "On the LAN no more: {Instance}")]
    public static partial void NeighbourGone(this ILogger logger, string instance);

    [LoggerMessage(EventIds.Discovery + 7, LogLevel.Information, "DNS says under {Name} that nodes are at {Endpoints}; who they are each is asked ([discovery] srv)")]
    public static partial void Published(this ILogger logger, string name, string endpoints);

    [LoggerMessage(EventIds.Discovery + 8, LogLevel.Warning, "DNS names no node: {Reason} ([discovery] srv). It is asked again")]
    public static partial void NonePublished(this ILogger logger, string reason);

    [LoggerMessage(EventIds.Discovery + 9, LogLevel.Warning, "DNS cannot be asked for {Name}: {Reason} ([discovery] srv). What it said before is used on, and it is asked again")]
    public static partial void CannotLookUp(this ILogger logger, string name, string reason);
}
