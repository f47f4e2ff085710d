using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Federation.Serving;

/// <summary>
/// This node's holdings as one peer may see them. A private module is looked for as a stand-in that is never held: the same
/// way through the same store, so that neither the answer nor its time tells whether the name is private or held.
/// </summary>
internal sealed class PublicView(IModuleStore store, Holdings holdings, FlightBoard flights, PrivateGate gate)
{
    // .invalid never resolves (RFC 2606). Should somebody import such a module after all, it is still not told of.
    private static readonly ModuleVersion StandIn =
        ModuleVersion.Create("private.invalid/module", "v0.0.0", out _) ?? throw new InvalidOperationException("no module version");

    public bool Allows(ModuleVersion module, PeerOptions peer) => gate.Allows(module.Path, peer);

    public async ValueTask<HeldModule?> FindAsync(ModuleVersion module, PeerOptions peer, CancellationToken cancellationToken)
    {
        bool allowed = Allows(module, peer);
        HeldModule? held = await holdings.FindAsync(allowed ? module : StandIn, cancellationToken);
        return allowed ? held : null;
    }

    /// <summary>What is recorded of it, whole or not.</summary>
    public async ValueTask<ModuleFacts?> FactsAsync(ModuleVersion module, PeerOptions peer, CancellationToken cancellationToken)
    {
        bool allowed = Allows(module, peer);
        ModuleFacts? facts = await store.FindAsync(allowed ? module : StandIn, cancellationToken);
        return allowed ? facts : null;
    }

    public async ValueTask<IReadOnlyList<ModuleFacts>> VersionsAsync(string path, PeerOptions peer, CancellationToken cancellationToken)
    {
        bool allowed = gate.Allows(path, peer);
        IReadOnlyList<ModuleFacts> held = await store.HeldAsync(allowed ? path : StandIn.Path, cancellationToken);
        return allowed ? held : [];
    }

    /// <summary>How far this node's own fetch of it is.</summary>
    public FlightPhase PhaseOf(ModuleVersion module, PeerOptions peer) =>
        Allows(module, peer) ? flights.PhaseOf(module) : FlightPhase.None;
}
