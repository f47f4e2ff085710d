using Athens.Federation.Node.Provenance;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>Trusted records of one module version that disagree, with both peers' names.</summary>
internal sealed record RecordConflict(Holder One, Holder Other)
{
    public override string ToString() =>
        $"peer {One.Peer.Options.Name} has recorded {One.Record.ZipHash} and {One.Record.ModHash} for its go.mod, "
        + $"peer {Other.Peer.Options.Name} {Other.Record.ZipHash} and {Other.Record.ModHash}";
}

/// <summary>What a search has found by now.</summary>
/// <param name="Believed">A trusted peer's record, and whose it is; null when none is known.</param>
/// <param name="Holders">Peers whose records have the believed hashes, the best first; empty without a believed record.</param>
/// <param name="Conflict">Trusted peers disagree: nothing may be served.</param>
internal sealed record Findings(Holder? Believed, IReadOnlyList<Holder> Holders, RecordConflict? Conflict)
{
    public ModuleRecord? Record => Believed?.Record;
}
