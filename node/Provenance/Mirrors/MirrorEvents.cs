using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Provenance.Mirrors;

/// <summary>What mirrors of other nodes' logs tell the operator. Ids 50 to 99 of the room.</summary>
internal static partial class MirrorEvents
{
    [LoggerMessage(EventIds.Provenance + 50, LogLevel.Error,
        "SECURITY: the log {Log} of peer {Peer} is not followed any more: {Reason}. Records of it do not count. Ask its operator who has its key")]
    public static partial void Forked(this ILogger logger, string log, string peer, string reason);

    [LoggerMessage(EventIds.Provenance + 51, LogLevel.Warning,
        "The log {Log} has {Count} leaves that are no records; they are kept as hashes and used for nothing. The first is {Number}: {Reason}")]
    public static partial void NotRecords(this ILogger logger, string log, int count, long number, string reason);

    [LoggerMessage(EventIds.Provenance + 52, LogLevel.Error,
        "The mirror of the log {Key} cannot be used: {Reason}. Stop the node and move mirrors.db away: it is filled again from the peers")]
    public static partial void Unusable(this ILogger logger, string key, string reason);
}
