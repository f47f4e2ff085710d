using System.Collections.Frozen;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Incidents;

/// <summary>The living incidents as they are asked for on the way of a request. Never changed: a new one takes its place.</summary>
internal sealed class Quarantine
{
    private readonly FrozenDictionary<ModuleVersion, Incident[]> modules;
    private readonly FrozenDictionary<NoteVerifier, Incident[]> logs;

    public Quarantine(IEnumerable<Incident> incidents)
    {
        var living = incidents.Where(incident => incident.Cleared is null).ToLookup(incident => incident.Guilty is null);
        modules = living[true].GroupBy(incident => incident.Module!).ToFrozenDictionary(group => group.Key, group => group.ToArray());

        // What a log's own node says of its key comes first: it tells developers most.
        logs = living[false].OrderByDescending(incident => incident.Kind == EvidenceKind.RevokedLog).GroupBy(incident => incident.Guilty!)
            .ToFrozenDictionary(group => group.Key, group => group.ToArray());
    }

    /// <summary>The living incidents about a module version.</summary>
    public IReadOnlyList<Incident> Find(ModuleVersion module) => modules.GetValueOrDefault(module, []);

    /// <summary>The living incidents against a log key.</summary>
    public IReadOnlyList<Incident> Find(NoteVerifier log) => logs.GetValueOrDefault(log, []);
}
