namespace Athens.Federation.Node.Provenance.Trust;

internal enum TrustOutcome
{
    /// <summary>Nobody who counts says enough: not a sign of anything wrong.</summary>
    NotEnough,

    /// <summary>The hashes received are believed; or, without any, those that are named would be.</summary>
    Believed,

    /// <summary>A security failure: nothing may be served of it.</summary>
    Refused,
}

/// <summary>The steps of a decision, in their order: the first that settles it is named.</summary>
internal enum TrustStep
{
    /// <summary>This node's own record.</summary>
    OwnRecord,

    /// <summary>A public checksum database.</summary>
    PublicProof,

    /// <summary>A person has to clear an incident first. Own record and public proof stand above it.</summary>
    Quarantine,

    /// <summary>The organization that the path belongs to.</summary>
    Namespace,

    /// <summary>Enough organizations.</summary>
    Quorum,

    /// <summary>No step settled it.</summary>
    NotEnough,
}

/// <summary>Somebody's word on what a module version's hashes are.</summary>
/// <param name="Witness">Whose, as part of a sentence: <c>the record of peer NAME</c>.</param>
/// <param name="Hashes">What it says.</param>
internal sealed record TrustClaim(string Witness, HashPair Hashes)
{
    /// <summary>Where it stands, when it is another node's record.</summary>
    public KnownRecord? Record { get; init; }

    /// <summary>What it is, when a public checksum database says it.</summary>
    public PublicProof? Proof { get; init; }

    /// <summary>It is what this node has just got from upstream.</summary>
    public bool IsUpstream { get; init; }

    public static TrustClaim Of(KnownRecord record) => new($"the record of peer {record.Peer}", record.Hashes) { Record = record };

    public static TrustClaim Of(PublicProof proof) => new($"the record {proof.Number} of {proof.Database}", proof.Hashes) { Proof = proof };

    /// <summary>What was received says.</summary>
    public static TrustClaim Of(HashPair received, bool isUpstream) =>
        new(isUpstream ? "what upstream gives" : "what was received", received) { IsUpstream = isUpstream };

    public override string ToString() => $"{Witness} has {Hashes}";
}

/// <summary>Two claims of which at most one is true.</summary>
/// <param name="Known">The one that stands higher, or was there first.</param>
/// <param name="Other">The other: bytes, a record, a proof.</param>
internal sealed record TrustIncident(TrustClaim Known, TrustClaim Other)
{
    public override string ToString() => $"{Known}, {Other}";
}

/// <summary>What the policy says of a module version, and why.</summary>
/// <param name="Outcome">Whether it may be used.</param>
/// <param name="Step">What settled it.</param>
/// <param name="Why">One sentence for people, without the module's name and without a full stop.</param>
/// <param name="Believed">The hashes that are believed; null unless <paramref name="Outcome"/> is Believed.</param>
/// <param name="Incidents">
/// Disagreements with what counts. Of a refusal the first is its reason; beside something believed they concern the logs that say otherwise.
/// </param>
internal sealed record TrustVerdict(
    TrustOutcome Outcome, TrustStep Step, string Why, HashPair? Believed, IReadOnlyList<TrustIncident> Incidents)
{
    public bool IsBelieved => Outcome == TrustOutcome.Believed;

    public bool IsRefused => Outcome == TrustOutcome.Refused;
}
