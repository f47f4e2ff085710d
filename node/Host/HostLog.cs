using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Host;

internal static partial class HostLog
{
    [LoggerMessage(EventIds.Host + 1, LogLevel.Information, "Node {Name} listens on {Address}; data folder {Data}")]
    public static partial void Started(this ILogger logger, string name, string address, string data);

    [LoggerMessage(EventIds.Host + 2, LogLevel.Information, "Node {Name} stops")]
    public static partial void Stopping(this ILogger logger, string name);

    [LoggerMessage(EventIds.Host + 4, LogLevel.Information, "The configuration was read again: {Count} peers (added: {Added}; removed: {Removed}; changed: {Changed})")]
    public static partial void PeersReplaced(this ILogger logger, int count, string added, string removed, string changed);

    [LoggerMessage(EventIds.Host + 5, LogLevel.Information, "The configuration was read again: the {Count} peers are as they were")]
    public static partial void PeersUnchanged(this ILogger logger, int count);

    [LoggerMessage(EventIds.Host + 6, LogLevel.Warning, "The configuration was changed in {Keys}: the node needs a restart for that, only [[peer]] counts at once")]
    public static partial void RestartNeeded(this ILogger logger, string keys);

    [LoggerMessage(EventIds.Host + 7, LogLevel.Error, "{Error}")]
    public static partial void ConfigurationError(this ILogger logger, string error);

    [LoggerMessage(EventIds.Host + 8, LogLevel.Error, "The changed configuration has {Count} errors and is not used: the peers stay as they were")]
    public static partial void ConfigurationRefused(this ILogger logger, int count);

    [LoggerMessage(EventIds.Host + 9, LogLevel.Warning, "The configuration file {Name} is gone: the peers stay as they were; to have none, leave a file without [[peer]]")]
    public static partial void ConfigurationGone(this ILogger logger, string name);
}
