using System.Globalization;
using Athens.Federation.Node.Provenance.LogKeys;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Incidents;

/// <summary>
/// Says what a file proves to anybody, by nothing but the file. That it proves something does not tell that it concerns a node: that depends on the keys
/// (<see cref="Finding.Keys"/>) it trusts. Any input is allowed.
/// </summary>
internal static class EvidenceVerifier
{
    /// <summary>Bytes of a file that is looked at: incidents of checksum databases may carry tiles.</summary>
    public const int MaxFile = 1 << 20;

    /// <summary>What evidence proves; null and the reason in one sentence when it proves nothing. Only the one form of the file is taken, every byte of it.</summary>
    public static Finding? Verify(ReadOnlySpan<byte> evidence, out string? reason)
    {
        if (EvidenceText.Parse(evidence, out reason) is not var (kind, parts))
        {
            return null;
        }

        var fields = new EvidenceFields(parts);
        var (finding, bytes) = kind switch
        {
            EvidenceKind.ConflictingRecords => Conflict(fields),
            EvidenceKind.ForkedLog => Fork(fields),
            EvidenceKind.MovedTag => MovedTag(fields),
            EvidenceKind.RevokedLog => Revocation(fields),
            _ => WrongRecord(fields),
        };
        reason = fields.Reason ?? (finding is null || !evidence.SequenceEqual(bytes) ? "the file is not in the one form that evidence has" : null);
        return reason is null ? finding : null;
    }

    private static (Finding? Finding, byte[] Bytes) Conflict(EvidenceFields fields)
    {
        if (LogStatement.Read(fields) is not { } one || LogStatement.Read(fields) is not { } other)
        {
            return default;
        }

        if (one.AsRecord() is not { } first || other.AsRecord() is not { } second || first.Module != second.Module)
        {
            return Nothing(fields, "the two statements are not records of one module version");
        }

        var isOneLog = one.Log.Equals(other.Log);
        if (Claim.Of(one.Log, first) is var a && Claim.Of(other.Log, second) is var b && a.Agrees(b))
        {
            return Nothing(fields, "the two records have the same hashes");
        }

        var sentence = isOneLog
            ? $"The log {one.Log.Name} signed two records of {first.Module} with different hashes: {a.Difference(b)}"
            : $"The logs {one.Log.Name} and {other.Log.Name} recorded different hashes of {first.Module}: {a.Difference(b)}";
        var finding = new Finding(
            EvidenceKind.ConflictingRecords, first.Module, isOneLog ? one.Log : null, isOneLog ? [one.Log] : [one.Log, other.Log], sentence, Matter(a, b));
        return (finding, Evidence.OfConflictingRecords(one, other));
    }

    private static (Finding? Finding, byte[] Bytes) Fork(EvidenceFields fields)
    {
        var log = fields.Key(LogStatement.LogPart);
        var one = fields.Note(Evidence.HeadPart, log);
        var other = fields.Note(Evidence.HeadPart, log);
        var proof = fields.Hashes(Evidence.ProofPart, PrefixProof.MaxLength);
        if (log is null || one is null || other is null || fields.Reason is not null)
        {
            return default;
        }

        if (SignedHeads.TreeOf(one, log, out var reason) is not { } smaller || SignedHeads.TreeOf(other, log, out reason) is not { } larger)
        {
            return Nothing(fields, reason!);
        }

        if (!IsFork(smaller, larger, proof))
        {
            return Nothing(fields, "the two heads are not shown to be of different histories");
        }

        var sentence = smaller.Size == larger.Size
            ? Sentence($"The log {log.Name} signed two histories: two roots for {smaller.Size} records")
            : Sentence($"The log {log.Name} signed two histories: its tree of {larger.Size} records does not begin with its tree of {smaller.Size}");
        var matter = Sentence($"forked-log\n{log}\n{smaller.Size} {smaller.Root}\n{larger.Size} {larger.Root}\n");
        return (new Finding(EvidenceKind.ForkedLog, null, log, [log], sentence, matter), Evidence.OfForkedLog(log, one, other, proof));
    }

    private static (Finding? Finding, byte[] Bytes) MovedTag(EvidenceFields fields)
    {
        var recorded = LogStatement.Read(fields);
        var node = fields.Key(Evidence.NodePart);
        var testimony = fields.Note(Evidence.TestimonyPart, node);
        if (recorded is null || testimony is null)
        {
            return default;
        }

        if (recorded.AsRecord() is not { } record || Testimony.Read(testimony, record.Module) is not var (zip, mod))
        {
            return Nothing(fields, "it is not a record and a node's word of what upstream gave for the same module version");
        }

        var (before, after) = (Claim.Of(recorded.Log, record), new Claim(node!, record.Module, zip, mod));
        if (before.Agrees(after))
        {
            return Nothing(fields, "upstream gave what is recorded");
        }

        var sentence = $"The log {recorded.Log.Name} recorded {record.Module}, and by the word of {node!.Name} upstream gave other bytes: {before.Difference(after)}";
        return (
            new Finding(EvidenceKind.MovedTag, record.Module, null, [recorded.Log, node], sentence, "moved " + Matter(before, after)),
            Evidence.OfMovedTag(recorded, node, testimony));
    }

    private static (Finding? Finding, byte[] Bytes) WrongRecord(EvidenceFields fields)
    {
        if (LogStatement.Read(fields) is not { } recorded || LogStatement.Read(fields) is not { } database)
        {
            return default;
        }

        if (recorded.AsRecord() is not { } record || database.AsDatabaseRecord(record.Module) is not var (zip, mod))
        {
            return Nothing(fields, "it is not a record and a public checksum database's of the same module version");
        }

        var (said, proven) = (Claim.Of(recorded.Log, record), new Claim(database.Log, record.Module, zip, mod));
        if (said.Agrees(proven))
        {
            return Nothing(fields, "the record has the hashes that the checksum database has");
        }

        var sentence = $"The log {recorded.Log.Name} recorded {record.Module} with hashes that {database.Log.Name} contradicts: {said.Difference(proven)}";
        return (
            new Finding(EvidenceKind.WrongRecord, record.Module, recorded.Log, [recorded.Log, database.Log], sentence, "wrong " + Matter(said, proven)),
            Evidence.OfWrongRecord(recorded, database));
    }

    private static (Finding? Finding, byte[] Bytes) Revocation(EvidenceFields fields)
    {
        var identity = fields.Key(Evidence.IdentityPart);
        if (fields.Note(Evidence.RevocationPart, identity) is not { } note)
        {
            return default;
        }

        if (LogRevocation.Read(note) is not var (log, from))
        {
            return Nothing(fields, "it is not a node's word that a log key is revoked");
        }

        var sentence = Sentence($"The node {identity!.Name} says that its former log key {log.Name} is in other hands: from record {from} on nothing that this key alone signed is its own");
        return (
            new Finding(EvidenceKind.RevokedLog, null, log, [identity], sentence, Sentence($"revoked-log\n{log}\n{identity}\n{from}\n")),
            Evidence.OfRevokedLog(identity, note));
    }

    private static bool IsFork(TreeHead smaller, TreeHead larger, IReadOnlyList<MerkleHash> proof) =>
        smaller.Size == larger.Size
            ? smaller.Size > 0 && proof.Count == 0 && smaller.Root != larger.Root
            : smaller.Size is > 0 && smaller.Size < larger.Size
                && PrefixProof.RootOf(proof, smaller.Size, larger) is { } root && root != smaller.Root;

    private static (Finding? Finding, byte[] Bytes) Nothing(EvidenceFields fields, string reason)
    {
        fields.Fail<Finding>(reason);
        return default;
    }

    private static string Matter(Claim one, Claim other) => string.Concat(new[] { one.ToText(), other.ToText() }.Order(StringComparer.Ordinal));

    private static string Sentence(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
