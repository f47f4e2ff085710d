using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Provenance.Trust;

/// <summary>What decisions on trust tell the operator. Ids 500 to 549 of the room.</summary>
internal static partial class TrustLog
{
    private const int First = EventIds.Provenance + 500;

    [LoggerMessage(First, LogLevel.Error,
        "SECURITY: {Module}: {Known}, {Other}. {Consequence}. What was signed: {KnownRecord}{OtherRecord}Compare with the origin before anything else")]
    public static partial void Disagreement(
        this ILogger logger, ModuleVersion module, TrustClaim known, TrustClaim other, string consequence, string knownRecord, string otherRecord);

    [LoggerMessage(First + 1, LogLevel.Warning,
        "What was kept of the checksum database {Database} could not be used for {Module}, which goes on without its proof: {Reason}")]
    public static partial void ProofsUnreadable(this ILogger logger, string database, ModuleVersion module, string reason);

    [LoggerMessage(First + 2, LogLevel.Error, "Deciding on {Module} met a fault of this node; please report it")]
    public static partial void TrustFault(this ILogger logger, ModuleVersion module, Exception exception);

    [LoggerMessage(First + 3, LogLevel.Error, "An incident of {Module} could not be kept as evidence, it stands in this log alone: {Reason}")]
    public static partial void NotReported(this ILogger logger, ModuleVersion module, string reason);
}
