using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Witnessing;

/// <summary>A log that this node witnesses.</summary>
/// <param name="Key">Its name is the origin of the log's checkpoints.</param>
/// <param name="Owner">The identity key of the peer that keeps it.</param>
internal sealed record WitnessedLog(NoteVerifier Key, string Owner);
