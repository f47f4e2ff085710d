using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Trust;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>What a search has found by now.</summary>
/// <param name="Verdict">What is believed by now, and why; or why not.</param>
/// <param name="Record">What to fetch by: a record with the believed hashes, a trusted one where there is one; null without holders or belief.</param>
/// <param name="Holders">Peers whose records have the believed hashes, the best first; empty when nothing is believed.</param>
/// <param name="IsHeld">Some peer holds it, with whatever hashes.</param>
internal sealed record Findings(TrustVerdict Verdict, ModuleRecord? Record, IReadOnlyList<Holder> Holders, bool IsHeld);
