using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Provenance.PublicDatabases;

/// <summary>Ids 200 to 299 of the room.</summary>
internal static partial class PublicDatabaseLog
{
    [LoggerMessage(EventIds.Provenance + 200, LogLevel.Error,
        "SECURITY: the checksum database {Database} cannot be believed, asked for {Resource}: {Reason}. That answer was refused; what was proven before is "
            + "still served. Evidence: {Evidence}. Find out who changed the database or the way to it before anything else")]
    public static partial void Misbehaved(this ILogger logger, string database, string resource, string reason, string evidence);

    [LoggerMessage(EventIds.Provenance + 201, LogLevel.Information,
        "The checksum database {Database} could not be asked for {Resource}: {Reason}. What was proven before is served meanwhile")]
    public static partial void SourceFailed(this ILogger logger, string database, string resource, string reason);

    [LoggerMessage(EventIds.Provenance + 202, LogLevel.Error,
        "The two histories of the checksum database {Database} could not be kept as an incident: {Reason}. Until the node ends the database's key is not believed")]
    public static partial void ForkNotReported(this ILogger logger, string database, string reason);
}
