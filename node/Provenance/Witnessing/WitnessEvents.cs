using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Provenance.Witnessing;

/// <summary>What witnessing tells the operator. Ids 350 to 379 of the room.</summary>
internal static partial class WitnessEvents
{
    [LoggerMessage(EventIds.Provenance + 350, LogLevel.Error,
        "SECURITY: the log {Log} asked for a cosignature of a second history: two roots for {Size} records. It was not cosigned; the evidence is kept as an incident")]
    public static partial void Forked(this ILogger logger, string log, long size);
}
