using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Provenance.Incidents;

/// <summary>What incidents tell the operator. Ids 300 to 329 of the room.</summary>
internal static partial class IncidentEvents
{
    [LoggerMessage(EventIds.Provenance + 300, LogLevel.Error,
        "SECURITY: incident {Id}: {Sentence}. {Effect}. Found by {By}, evidence: {File}. Find out who is wrong; "
            + "'athens incident clear' ends the quarantine")]
    public static partial void Found(this ILogger logger, string id, string sentence, string effect, string by, string file);

    [LoggerMessage(EventIds.Provenance + 301, LogLevel.Error,
        "SECURITY: incident {Id}: {Sentence}. It could not be kept and is forgotten when the node ends: {Reason}")]
    public static partial void NotKept(this ILogger logger, string id, string sentence, string reason);

    [LoggerMessage(EventIds.Provenance + 302, LogLevel.Warning, "Incident {Id} was cleared by {By}: {Because}. It was: {Sentence}")]
    public static partial void Cleared(this ILogger logger, string id, string by, string because, string sentence);

    [LoggerMessage(EventIds.Provenance + 303, LogLevel.Error, "Evidence was reported that proves nothing, and is not kept: {Reason}. Please report this fault of the node")]
    public static partial void ProvesNothing(this ILogger logger, string reason);

    [LoggerMessage(EventIds.Provenance + 304, LogLevel.Warning, "The evidence of incident {Id} could not be written to {Folder}: {Reason}. It is in incidents.db")]
    public static partial void NoFile(this ILogger logger, string id, string folder, string reason);

    [LoggerMessage(EventIds.Provenance + 306, LogLevel.Warning,
        "Evidence {Id} came from peer {Peer} and rests on keys that this node does not trust: {Sentence}. {Effect}")]
    public static partial void Foreign(this ILogger logger, string id, string peer, string sentence, string effect);

    [LoggerMessage(EventIds.Provenance + 305, LogLevel.Warning, "{Count} incidents are open: {Subjects}. 'athens incident list' shows them")]
    public static partial void Open(this ILogger logger, int count, string subjects);
}
