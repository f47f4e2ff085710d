using Athens.Federation.Node.Provenance.Pool;

namespace Athens.Federation.Node.Federation.Pools;

/// <summary>What the peer listener needs to answer about the pool.</summary>
/// <param name="Book">What is known of it.</param>
/// <param name="Key">Signs for who joins.</param>
/// <param name="Watchers">Told who watches.</param>
/// <param name="Intake">Takes what is told.</param>
internal sealed record PoolServingParts(PoolBook Book, OrgKey Key, PoolWatchers Watchers, PoolIntake Intake);
