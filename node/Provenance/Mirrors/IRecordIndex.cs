using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Mirrors;

/// <summary>A log of another node that this one follows.</summary>
/// <param name="Key">What its heads and records are signed with; its name is the log's name.</param>
/// <param name="Peer">What this node calls the peer that keeps it.</param>
/// <param name="Org">The organization of that peer as this node's configuration has it; empty when none is told.</param>
/// <param name="IsTrusted">Its observed records count.</param>
internal sealed record FollowedLog(NoteVerifier Key, string Peer, string Org, bool IsTrusted);

/// <summary>A record in a followed log, under a head that was verified (and has its witnesses, where they are asked for).</summary>
/// <param name="Log">Whose it is.</param>
/// <param name="Number">From 0 on.</param>
/// <param name="Record">It says what that node knows.</param>
internal sealed record MirroredRecord(FollowedLog Log, long Number, ModuleRecord Record);

/// <summary>What the mirrored logs of other nodes say of module versions.</summary>
internal interface IRecordIndex
{
    /// <summary>More records of one module version in one log than this are not read: an honest log has one.</summary>
    const int MaxFromOneLog = 4;

    /// <summary>
    /// The records of a module version in all mirrored logs, none of a log whose key is quarantined. In no particular order; at most
    /// <see cref="MaxFromOneLog"/> of one log. Reads the disk, asks no peer.
    /// </summary>
    /// <exception cref="IOException">The mirrors cannot be read; the message says what to do.</exception>
    ValueTask<IReadOnlyList<MirroredRecord>> FindAsync(ModuleVersion module, CancellationToken cancellationToken);
}
