using System.Security.Cryptography;
using System.Text;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Incidents;

/// <summary>Writes evidence. Nothing is checked: what does not prove what it says is refused where it is reported (<see cref="EvidenceVerifier"/>).</summary>
internal static class Evidence
{
    /// <summary>Hex digits of an id.</summary>
    public const int IdLength = 16;

    /// <summary>Names of the parts.</summary>
    public const string HeadPart = "head";
    public const string ProofPart = "proof";
    public const string NodePart = "node";
    public const string TestimonyPart = "testimony";
    public const string IdentityPart = "identity";
    public const string RevocationPart = "revocation";

    /// <summary>The first hex digits of the file's SHA-256.</summary>
    public static string IdOf(ReadOnlySpan<byte> evidence) => Convert.ToHexStringLower(SHA256.HashData(evidence))[..IdLength];

    /// <summary>Two records of one module version with different hashes, by two logs or by one.</summary>
    public static byte[] OfConflictingRecords(LogStatement one, LogStatement other)
    {
        var (first, second) = string.CompareOrdinal(one.Order(), other.Order()) <= 0 ? (one, other) : (other, one);
        return EvidenceText.Format(EvidenceKind.ConflictingRecords, first.Fields().Concat(second.Fields()));
    }

    /// <summary>Two heads of one log that cannot both be true.</summary>
    /// <param name="log">The key that signed both.</param>
    /// <param name="one">A head: a checkpoint, or in Go's form.</param>
    /// <param name="other">The other, of the same size or another.</param>
    /// <param name="proof">Which root the larger has at the smaller one's size (<see cref="PrefixProof"/>); empty when the sizes are equal.</param>
    public static byte[] OfForkedLog(NoteVerifier log, SignedNote one, SignedNote other, IReadOnlyList<MerkleHash> proof)
    {
        var heads = new[] { one, other }
            .Select(note => SignedHeads.OnlyOf(note, log))
            .OrderBy(note => SignedHeads.TreeOf(note, log, out _)?.Size ?? 0)
            .ThenBy(note => note.Text, StringComparer.Ordinal)
            .Select(note => new EvidenceField(HeadPart, "", Encoding.UTF8.GetString(note.ToBytes())));
        EvidenceField[] hashes = proof.Count == 0 ? [] : [new EvidenceField(ProofPart, "", string.Concat(proof.Select(hash => $"{hash}\n")))];
        return EvidenceText.Format(EvidenceKind.ForkedLog, [new EvidenceField(LogStatement.LogPart, log.ToString()), .. heads, .. hashes]);
    }

    /// <summary>A record, and a node's word that upstream gave other bytes since.</summary>
    /// <param name="recorded">The record.</param>
    /// <param name="node">The log key of the node that says so.</param>
    /// <param name="testimony">Its word: <see cref="Testimony.Sign"/>.</param>
    public static byte[] OfMovedTag(LogStatement recorded, NoteVerifier node, SignedNote testimony) => EvidenceText.Format(
        EvidenceKind.MovedTag,
        [
            .. recorded.Fields(),
            new EvidenceField(NodePart, node.ToString()),
            new EvidenceField(TestimonyPart, "", Encoding.UTF8.GetString(SignedHeads.OnlyOf(testimony, node).ToBytes())),
        ]);

    /// <summary>A record that a public checksum database contradicts.</summary>
    /// <param name="recorded">The record.</param>
    /// <param name="database">The database's record in its tree.</param>
    public static byte[] OfWrongRecord(LogStatement recorded, LogStatement database) =>
        EvidenceText.Format(EvidenceKind.WrongRecord, recorded.Fields().Concat(database.Fields()));

    /// <summary>A node revokes a former log key.</summary>
    /// <param name="identity">The node's identity key under the name with which it signed.</param>
    /// <param name="revocation">Its word: <see cref="LogKeys.LogRevocation.Sign"/>.</param>
    public static byte[] OfRevokedLog(NoteVerifier identity, SignedNote revocation) => EvidenceText.Format(
        EvidenceKind.RevokedLog,
        [
            new EvidenceField(IdentityPart, identity.ToString()),
            new EvidenceField(RevocationPart, "", Encoding.UTF8.GetString(SignedHeads.OnlyOf(revocation, identity).ToBytes())),
        ]);
}
