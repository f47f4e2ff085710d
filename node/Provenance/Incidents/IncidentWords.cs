using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Incidents;

/// <summary>What a store keeps of an incident as words, read back.</summary>
/// <param name="Kind">Of the evidence.</param>
/// <param name="Guilty">See <see cref="Finding.Guilty"/>.</param>
/// <param name="Keys">See <see cref="Finding.Keys"/>.</param>
internal sealed record IncidentWords(EvidenceKind Kind, NoteVerifier? Guilty, IReadOnlyList<NoteVerifier> Keys)
{
    /// <summary>Null when they are none.</summary>
    /// <param name="kind">Its name.</param>
    /// <param name="guilty">A verifier key, or null.</param>
    /// <param name="keys">Verifier keys, one a line.</param>
    public static IncidentWords? Read(string kind, string? guilty, string keys)
    {
        NoteVerifier?[] read = [.. keys.Split('\n').Select(key => NoteVerifier.Parse(key, out _))];
        var log = guilty is null ? null : NoteVerifier.Parse(guilty, out _);
        return EvidenceKinds.Parse(kind) is { } known && !read.Contains(null) && log is null == guilty is null
            ? new IncidentWords(known, log, read!)
            : null;
    }
}
