using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Federation.Fetching;

/// <summary>Log methods of fetching: 300 to 399 of Federation. Proven lies are logged where the peer is set aside.</summary>
internal static partial class FetchingLog
{
    private const int First = EventIds.Federation + 300;

    [LoggerMessage(First + 1, LogLevel.Information,
        "Peer {Peer} did not give {What} of {Module}: {Fault}: {Reason} (asked no more for it: {IsOut})")]
    public static partial void HolderFailed(
        this ILogger logger, string peer, string what, ModuleVersion module, PeerFault fault, string reason, bool isOut);

    [LoggerMessage(First + 2, LogLevel.Debug, "{Module}: {Bytes} bytes from {Holders} peers, most from {Peer}")]
    public static partial void Transferred(this ILogger logger, ModuleVersion module, long bytes, int holders, string peer);

    [LoggerMessage(First + 3, LogLevel.Warning,
        "The zip of {Module} that {Peers} gave in parts does not have the SHA-256 that all of them state; it is fetched again to find out who sent wrong bytes")]
    public static partial void PartsDoNotFit(this ILogger logger, ModuleVersion module, string peers);

    [LoggerMessage(First + 4, LogLevel.Information,
        "{Path} is private at peer {Peer}, which shares it with this node: it is private here too from now on, and asked of that organization alone ([pool] received)")]
    public static partial void Received(this ILogger logger, string path, string peer);
}
