using System.Globalization;

namespace Athens.Federation.Node.Provenance.Trust;

/// <summary>
/// When are bytes believed? The own record, a public proof, the organization that the path belongs to, a quorum of organizations: in this order, and
/// nothing else. A function of what is known and of the rules: no clock, no memory, no I/O.
/// </summary>
/// <remarks>
/// Organizations count, never nodes; peers of whom no organization is told are one. A record counts for a quorum only when it was observed, but any
/// trusted record that says otherwise stands against it. Own record, public proof and namespace stand above other records: who contradicts them
/// is wrong, and an incident, but stops nobody. What a quarantined log key signed does not exist here.
/// </remarks>
internal static class TrustPolicy
{
    /// <summary>Organizations that are named in a sentence: it has to fit a developer's terminal.</summary>
    private const int MostNamed = 4;

    public static TrustVerdict Decide(TrustEvidence evidence, TrustRules rules)
    {
        KnownRecord[] trusted = [.. evidence.Records.Where(static record => record is { IsTrusted: true, Quarantine: null })];
        return ByOwnRecord(evidence, trusted)
            ?? ByPublicProof(evidence, trusted)
            ?? ByQuarantine(evidence)
            ?? ByNamespace(evidence, rules, trusted)
            ?? ByQuorum(evidence, rules, trusted);
    }

    /// <summary>
    /// Whether it would be believed once a trusted peer of this organization has observed it as well: no use waiting for one whose word changes nothing.
    /// </summary>
    public static bool WouldSuffice(TrustEvidence evidence, TrustRules rules, string org) =>
        rules.OwnerOf(evidence.Module.Path) is { } owner
            ? org.Length > 0 && owner.Org == org
            : Observers(evidence.Records.Where(static record => record is { IsTrusted: true, Quarantine: null })).Append(org)
                .Distinct(StringComparer.Ordinal).Count() >= rules.Quorum;

    private static TrustVerdict? ByOwnRecord(TrustEvidence evidence, KnownRecord[] trusted)
    {
        if (evidence.Own is not { } own)
        {
            return null;
        }

        TrustClaim claim = new("this node's own record", own);
        TrustIncident[] others =
        [
            .. evidence.Proofs.Select(TrustClaim.Of).Concat(trusted.Select(TrustClaim.Of)).Where(other => other.Hashes != own)
                .Select(other => new TrustIncident(claim, other)),
        ];
        return Settle(evidence, TrustStep.OwnRecord, claim, "this node has recorded these hashes itself", others);
    }

    private static TrustVerdict? ByPublicProof(TrustEvidence evidence, KnownRecord[] trusted)
    {
        if (evidence.Proofs is not [var proof, ..])
        {
            return null;
        }

        TrustClaim claim = TrustClaim.Of(proof);
        if (evidence.Proofs.FirstOrDefault(other => other.Hashes != proof.Hashes) is { } second)
        {
            TrustIncident between = new(claim, TrustClaim.Of(second));
            return new TrustVerdict(
                TrustOutcome.Refused, TrustStep.PublicProof, $"public checksum databases disagree: {between}", null, [between]);
        }

        string number = proof.Number.ToString(CultureInfo.InvariantCulture);
        return Settle(
            evidence, TrustStep.PublicProof, claim, $"{proof.Database} has proven these hashes (record {number})", Against(claim, trusted));
    }

    private static TrustVerdict? ByQuarantine(TrustEvidence evidence) => evidence.Quarantine is { } why
        ? new TrustVerdict(TrustOutcome.Refused, TrustStep.Quarantine, why, null, [])
        : null;

    /// <summary>Null when the path belongs to nobody.</summary>
    private static TrustVerdict? ByNamespace(TrustEvidence evidence, TrustRules rules, KnownRecord[] trusted)
    {
        if (rules.OwnerOf(evidence.Module.Path) is not var (pattern, org))
        {
            return null;
        }

        KnownRecord[] owners = [.. trusted.Where(record => org.Length > 0 && record.Org == org)];
        if (owners.FirstOrDefault(static record => record.IsObserved) is not { } observed)
        {
            // Nobody else can say what it is; that it is not what somebody trusted has seen is known all the same.
            return Disagreement(evidence, TrustStep.Namespace, trusted)
                ?? new TrustVerdict(
                    TrustOutcome.NotEnough,
                    TrustStep.NotEnough,
                    $"{pattern} belongs to {org}, and no trusted node of {org} is known to have observed it",
                    null,
                    []);
        }

        TrustClaim claim = TrustClaim.Of(observed);
        return Disagreement(evidence with { Received = null }, TrustStep.Namespace, owners)
            ?? Settle(
                evidence, TrustStep.Namespace, claim, $"observed by {org}, to which {pattern} belongs", Against(claim, trusted));
    }

    private static TrustVerdict ByQuorum(TrustEvidence evidence, TrustRules rules, KnownRecord[] trusted)
    {
        if (Disagreement(evidence, TrustStep.Quorum, trusted) is { } refused)
        {
            return refused;
        }

        string[] orgs = [.. Observers(trusted)];
        string quorum = rules.Quorum.ToString(CultureInfo.InvariantCulture);
        string count = orgs.Length.ToString(CultureInfo.InvariantCulture);
        return orgs.Length >= rules.Quorum
            ? new TrustVerdict(
                TrustOutcome.Believed,
                TrustStep.Quorum,
                $"observed by {count} {Noun(orgs.Length)}{Names(orgs)}; [pool] quorum asks for {quorum}",
                trusted[0].Hashes,
                [])
            : new TrustVerdict(
                TrustOutcome.NotEnough,
                TrustStep.NotEnough,
                $"observed by {(orgs.Length == 0 ? "no" : count)} {Noun(orgs.Length)} of the {quorum} that [pool] quorum asks for{Names(orgs)}",
                null,
                []);
    }

    /// <summary>One claim stands above all others: what was received is believed when it agrees, and refused when it does not.</summary>
    private static TrustVerdict Settle(
        TrustEvidence evidence, TrustStep step, TrustClaim claim, string why, IReadOnlyList<TrustIncident> others)
    {
        if (evidence.Received is { } received && received != claim.Hashes)
        {
            TrustIncident incident = new(claim, TrustClaim.Of(received, evidence.IsFromUpstream));
            return new TrustVerdict(TrustOutcome.Refused, step, incident.ToString(), null, [incident, .. others]);
        }

        return new TrustVerdict(TrustOutcome.Believed, step, why, claim.Hashes, others);
    }

    /// <summary>Records among themselves, then with what was received; null when they agree.</summary>
    private static TrustVerdict? Disagreement(TrustEvidence evidence, TrustStep step, KnownRecord[] records)
    {
        if (records is not [var first, ..])
        {
            return null;
        }

        TrustClaim claim = TrustClaim.Of(first);
        TrustIncident[] between = Against(claim, records);
        if (between.Length > 0)
        {
            return new TrustVerdict(TrustOutcome.Refused, step, $"trusted records of it disagree: {between[0]}", null, between);
        }

        return evidence.Received is { } received && received != claim.Hashes ? Settle(evidence, step, claim, "", []) : null;
    }

    /// <summary>The records that say otherwise, one for each log.</summary>
    private static TrustIncident[] Against(TrustClaim claim, KnownRecord[] trusted) =>
    [
        .. trusted.Where(record => record.Hashes != claim.Hashes).DistinctBy(static record => record.Log)
            .Select(record => new TrustIncident(claim, TrustClaim.Of(record))),
    ];

    /// <summary>Who has observed it; "" stands for all of whom no organization is told.</summary>
    private static IEnumerable<string> Observers(IEnumerable<KnownRecord> trusted) =>
        trusted.Where(static record => record.IsObserved).Select(static record => record.Org).Distinct(StringComparer.Ordinal);

    private static string Noun(int count) => count < 2 ? "organization" : "organizations";

    private static string Names(string[] orgs)
    {
        string[] named = [.. orgs.Where(static org => org.Length > 0).Order(StringComparer.Ordinal)];
        return named.Length is 0 or > MostNamed ? "" : $" ({string.Join(", ", named)})";
    }
}
