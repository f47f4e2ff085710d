using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Federation.Neighbours;

/// <summary>Log methods of neighbours on the LAN and in DNS: ids 640 to 659 of this room.</summary>
internal static partial class NeighboursLog
{
    private const int First = EventIds.Federation + 640;

    [LoggerMessage(First + 1, LogLevel.Information,
        "Seen {Where}: the node {Instance} at {Endpoint}, which proves its key. To trust it: {Command} (and there the same with the key of this node)")]
    public static partial void Seen(this ILogger logger, string where, string instance, string endpoint, string command);

    [LoggerMessage(First + 2, LogLevel.Debug, "The node {Instance} does not prove at {Endpoint} the key that it claims: {Reason}")]
    public static partial void NotProven(this ILogger logger, string instance, string endpoint, string reason);

    [LoggerMessage(First + 3, LogLevel.Error, "No peer is pinned: {Reason}. Put the file right or take it away, and start the node again")]
    public static partial void PinsUnusable(this ILogger logger, string reason);

    [LoggerMessage(First + 4, LogLevel.Debug, "Nobody proves a key at {Endpoint}, where DNS says that a node is: {Reason}")]
    public static partial void NobodyPublished(this ILogger logger, string endpoint, string reason);
}
