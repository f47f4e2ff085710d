using Athens.Federation.Simulator.Clock;
using Athens.Federation.Simulator.Network;

namespace Athens.Federation.Simulator.Nodes;

/// <summary>What all nodes of a simulation live in.</summary>
internal sealed record Shared(SimulatedTime Time, Clockwork Clockwork, SimulatedNetwork Network, PublicDatabase Database, Faults Faults, string Folder, int Seed)
{
    /// <summary><c>[pool] mesh</c> of every node.</summary>
    public required int Mesh { get; init; }
}
