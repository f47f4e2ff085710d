using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>A node statement that its org signed.</summary>
/// <param name="Statement">What it signed.</param>
/// <param name="Note">With the org's signature and no other.</param>
internal sealed record SignedStatement(NodeStatement Statement, SignedNote Note);
