using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Trust;
using Athens.Federation.Node.Transparency;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>A peer that says it holds a module version.</summary>
/// <param name="Peer">Who says so.</param>
/// <param name="Log">The key that signed the record.</param>
/// <param name="Location">What it said; it agrees with the record.</param>
/// <param name="Record">Its own record; its signature was checked.</param>
internal sealed record Holder(Peer Peer, NoteVerifier Log, Wire.Location Location, ModuleRecord Record)
{
    public HashPair Hashes { get; } = new(Record.ZipHash, Record.ModHash);

    /// <summary>The record as evidence.</summary>
    public KnownRecord ToEvidence() => KnownRecord.Of(Log, Record) with
    {
        Peer = Peer.Options.Name,
        Org = Peer.Options.Org,
        IsTrusted = Peer.IsTrusted,
        Note = Location.Record.Memory,
    };
}
