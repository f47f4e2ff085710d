using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Incidents;

/// <summary>What a piece of evidence proves.</summary>
/// <param name="Kind">Of the evidence.</param>
/// <param name="Module">The module version it is about; null of a fork. Guilty itself when no log is: one of two records is wrong, and nothing says which.</param>
/// <param name="Guilty">The log key that nobody can believe any more; null when the evidence does not show one.</param>
/// <param name="Keys">All keys whose word it rests on. Evidence says nothing to who trusts none of them: anybody can make keys and sign with them.</param>
/// <param name="Sentence">For people.</param>
/// <param name="Matter">What it is about as text: evidence of the same disagreement by other proofs has the same.</param>
internal sealed record Finding(
    EvidenceKind Kind, ModuleVersion? Module, NoteVerifier? Guilty, IReadOnlyList<NoteVerifier> Keys, string Sentence, string Matter)
{
    /// <summary>What may not be used: a log key or a module version, for people.</summary>
    public string Subject => Guilty is { } log ? $"log {log}" : $"module {Module}";
}
