using System.Diagnostics.CodeAnalysis;

namespace Athens.Federation.Node.Provenance.PublicDatabases;

/// <summary>The source could not give what was asked of it, or gave what nobody can read. No sign of an attack by itself.</summary>
[SuppressMessage("Design", "CA1032", Justification = "Never without its reason.")]
internal sealed class SourceFailedException(string message) : IOException(message);

/// <summary>The source says that there is no such thing.</summary>
[SuppressMessage("Design", "CA1032", Justification = "Never without its reason.")]
internal sealed class SourceAbsentException(string message) : Exception(message);

/// <summary>A security failure, with its evidence.</summary>
[SuppressMessage("Design", "CA1032", Justification = "Never without its evidence.")]
internal sealed class DatabaseMisbehavedException(DatabaseIncident incident) : Exception(incident.Reason)
{
    public DatabaseIncident Incident { get; } = incident;
}
