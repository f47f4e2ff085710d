using Athens.Federation.Node.Provenance;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>A peer that says it holds a module version.</summary>
/// <param name="Peer">Who says so.</param>
/// <param name="Location">What it said; it agrees with the record.</param>
/// <param name="Record">Its own record; its signature was checked.</param>
internal sealed record Holder(Peer Peer, Wire.Location Location, ModuleRecord Record)
{
    /// <summary>Both records have the same hashes of zip and go.mod. Their zips may still differ in bytes.</summary>
    public bool Agrees(ModuleRecord other) =>
        string.Equals(Record.ZipHash, other.ZipHash, StringComparison.Ordinal)
        && string.Equals(Record.ModHash, other.ModHash, StringComparison.Ordinal);
}
