using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Trust;

/// <summary>All that is known of one module version when it is decided on.</summary>
internal sealed record TrustEvidence
{
    public required ModuleVersion Module { get; init; }

    /// <summary>Computed from the bytes at hand, never taken from a sender; null when it is only asked what would be believed.</summary>
    public HashPair? Received { get; init; }

    /// <summary>Whether this node got the bytes at hand from upstream itself. Changes no decision, only who is told what.</summary>
    public bool IsFromUpstream { get; init; }

    /// <summary>What this node has on record itself.</summary>
    public HashPair? Own { get; init; }

    public IReadOnlyList<PublicProof> Proofs { get; init; } = [];

    /// <summary>Of other nodes' logs. What is in a log twice may stand here twice.</summary>
    public IReadOnlyList<KnownRecord> Records { get; init; } = [];

    /// <summary>Why the module version is quarantined, as a sentence that names the incident; null when it is not.</summary>
    public string? Quarantine { get; init; }
}

/// <summary>A public checksum database has proven the hashes of a module version.</summary>
/// <param name="Database">Its name.</param>
/// <param name="Number">The record's number in it.</param>
/// <param name="Hashes">What it says.</param>
internal sealed record PublicProof(string Database, long Number, HashPair Hashes);

/// <summary>A record that another node's log key has signed, as far as it matters for trust.</summary>
/// <param name="Log">The log's verifier key as text: its name alone proves nothing.</param>
/// <param name="Peer">What this node calls the peer that keeps it.</param>
/// <param name="Org">The peer's organization; empty when none is told.</param>
/// <param name="IsTrusted">What it says counts.</param>
/// <param name="IsObserved">The peer got the bytes from an origin itself. What is merely vouched for never counts towards a quorum.</param>
/// <param name="Hashes">What it says.</param>
internal sealed record KnownRecord(string Log, string Peer, string Org, bool IsTrusted, bool IsObserved, HashPair Hashes)
{
    /// <summary>Its place in the log, when it was read there; null when the peer only said it.</summary>
    public long? Number { get; init; }

    /// <summary>All of the record; null where nothing but its hashes matters.</summary>
    public ModuleRecord? Text { get; init; }

    /// <summary>The record as the peer signed it, for evidence; empty when it was read in the log.</summary>
    public ReadOnlyMemory<byte> Note { get; init; }

    /// <summary>Why nothing that the log's key signed may be used; null when it may.</summary>
    public string? Quarantine { get; init; }

    /// <summary>A record as its text says it; whose it is, the caller adds.</summary>
    /// <param name="log">Has signed it.</param>
    /// <param name="record">What it signed.</param>
    public static KnownRecord Of(NoteVerifier log, ModuleRecord record) =>
        new(log.ToString(), "", "", IsTrusted: false, !record.IsVouched, new HashPair(record.ZipHash, record.ModHash)) { Text = record };

    /// <summary>The same statement of the same log.</summary>
    public bool Repeats(KnownRecord other) =>
        Log == other.Log && Peer == other.Peer && IsObserved == other.IsObserved && Number == other.Number && Hashes == other.Hashes;
}
