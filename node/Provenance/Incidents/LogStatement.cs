using System.Text;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.PublicDatabases;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Incidents;

/// <summary>
/// What a log's key said of a module version, so that anybody can check that it did: a record that it signed as a note (as peers answer each other), or a
/// record that is proven to stand in the tree of a head that it signed.
/// </summary>
internal sealed class LogStatement
{
    /// <summary>Names of the parts in a file.</summary>
    public const string LogPart = "log";
    private const string SignedPart = "signed-record";
    private const string RecordPart = "record";
    private const string NumberPart = "number";
    private const string ProofPart = "proof";
    private const string HeadPart = "head";

    private readonly SignedNote note;
    private readonly string? text;
    private readonly long number;
    private readonly IReadOnlyList<MerkleHash> proof;

    private LogStatement(NoteVerifier log, SignedNote note, string? text, long number, IReadOnlyList<MerkleHash> proof)
    {
        (Log, this.note, this.text, this.number, this.proof) = (log, SignedHeads.OnlyOf(note, log), text, number, proof);
    }

    /// <summary>Whose statement it is.</summary>
    public NoteVerifier Log { get; }

    /// <summary>The record.</summary>
    public string Text => text ?? note.Text;

    /// <summary>A record signed as a note.</summary>
    public static LogStatement Signed(NoteVerifier log, SignedNote record) => new(log, record, null, 0, []);

    /// <summary>A record under a head.</summary>
    /// <param name="log">The log's key.</param>
    /// <param name="record">Number and text.</param>
    /// <param name="proof">See <see cref="InclusionProof"/>.</param>
    /// <param name="head">A checkpoint, or a head in Go's form.</param>
    public static LogStatement InTree(NoteVerifier log, LogRecord record, IReadOnlyList<MerkleHash> proof, SignedNote head) =>
        new(log, head, Encoding.UTF8.GetString(record.Text.Span), record.Index, proof);

    /// <summary>A record as a proof carries it among its extra data.</summary>
    public static LogStatement InTree(NoteVerifier log, TlogProof proof) => InTree(log, new LogRecord(proof.Index, proof.Extra), proof.Proof, proof.Note);

    /// <summary>Reads a statement and checks it; null when it does not stand, with the reason in <paramref name="fields"/>.</summary>
    public static LogStatement? Read(EvidenceFields fields)
    {
        var log = fields.Key(LogPart);
        if (log is null || fields.Has(SignedPart))
        {
            return fields.Note(SignedPart, log) is { } signed ? Signed(log!, signed) : null;
        }

        var recordText = fields.Text(RecordPart);
        var at = fields.Number(NumberPart);
        var hashes = fields.Hashes(ProofPart, MerkleTree.MaxProofLength);
        if (fields.Note(HeadPart, log) is not { } head || fields.Reason is not null)
        {
            return null;
        }

        if (SignedHeads.TreeOf(head, log, out var reason) is not { } tree)
        {
            return fields.Fail<LogStatement>(reason!);
        }

        var leaf = Encoding.UTF8.GetBytes(recordText!);
        return LogRecord.IsValidText(leaf) && InclusionProof.Verify(hashes, tree, at!.Value, MerkleTree.LeafHash(leaf))
            ? new LogStatement(log, head, recordText, at.Value, hashes)
            : fields.Fail<LogStatement>($"the proof does not show this record in the tree of {log.Name}");
    }

    /// <summary>The record as nodes write them; null when it is none.</summary>
    public ModuleRecord? AsRecord() => ModuleRecord.Parse(Text, out _);

    /// <summary>The hashes that a public checksum database has of a module version; null when this is no such record, or not in a tree.</summary>
    public (string Zip, string Mod)? AsDatabaseRecord(ModuleVersion module) =>
        text is null || AsRecord() is not null ? null : ProvenModule.HashesIn(Encoding.UTF8.GetBytes(text), module, out _);

    public IEnumerable<EvidenceField> Fields()
    {
        yield return new EvidenceField(LogPart, Log.ToString());
        var signed = Encoding.UTF8.GetString(note.ToBytes());
        if (text is null)
        {
            yield return new EvidenceField(SignedPart, "", signed);
            yield break;
        }

        yield return new EvidenceField(RecordPart, "", text);
        yield return new EvidenceField(NumberPart, StrictNumber.Format(number));
        if (proof.Count > 0)
        {
            yield return new EvidenceField(ProofPart, "", string.Concat(proof.Select(hash => $"{hash}\n")));
        }

        yield return new EvidenceField(HeadPart, "", signed);
    }

    /// <summary>What statements are ordered by, so that two of them have one order.</summary>
    public string Order() => Encoding.UTF8.GetString(EvidenceText.Format(default, Fields()));
}
