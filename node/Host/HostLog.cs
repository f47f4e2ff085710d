using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Host;

internal static partial class HostLog
{
    [LoggerMessage(EventIds.Host + 1, LogLevel.Information, "Node {Name} listens on {Address}; data folder {Data}")]
    public static partial void Started(this ILogger logger, string name, string address, string data);

    [LoggerMessage(EventIds.Host + 2, LogLevel.Information, "Node {Name} stops")]
    public static partial void Stopping(this ILogger logger, string name);
}
