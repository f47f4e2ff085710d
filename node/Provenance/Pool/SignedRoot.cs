using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>A root that enough orgs signed.</summary>
/// <param name="Root">What they signed.</param>
/// <param name="Note">With all signatures that are known to be good, and no other.</param>
internal sealed record SignedRoot(PoolRoot Root, SignedNote Note);
