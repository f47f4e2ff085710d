using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>An organization as the pool root has it.</summary>
/// <param name="Name">1 to 64 letters, digits, dots, dashes and underscores.</param>
/// <param name="Key">What its signatures on roots and node statements are checked with.</param>
internal sealed record PoolOrg(string Name, NoteVerifier Key);
