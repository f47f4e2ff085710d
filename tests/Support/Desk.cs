using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Provenance.Trust;
using Microsoft.Extensions.Logging;

namespace Athens.Federation.Tests.Support;

/// <summary>Desks for decisions on trust.</summary>
internal static class Desk
{
    /// <summary>A desk of a node without mirrored logs, incidents and public checksum databases.</summary>
    public static TrustDesk Without(ILogger logger, int quorum = 1) => new(new TrustRules(quorum, []), null, null, null, null, logger);

    public static TrustDesk With(TrustRules rules, IIncidents incidents, ILogger logger) => new(rules, null, incidents, null, null, logger);
}
