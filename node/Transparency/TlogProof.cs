using System.Text;

namespace Athens.Federation.Node.Transparency;

/// <summary>
/// A leaf's place in a log, proven without the log at hand (c2sp.org/tlog-proof@v1): number, inclusion proof, and the signed checkpoint with
/// whatever cosignatures it has. Kept in files <c>*.tlog-proof</c>.
/// </summary>
/// <param name="Index">The leaf's number, from 0 on.</param>
/// <param name="Proof">See <see cref="InclusionProof"/>.</param>
/// <param name="Note">The checkpoint as the log and its witnesses signed it.</param>
/// <param name="Extra">What the application adds; nobody signed it. Empty for none.</param>
internal sealed record TlogProof(long Index, IReadOnlyList<MerkleHash> Proof, SignedNote Note, ReadOnlyMemory<byte> Extra = default)
{
    /// <summary>Bytes that an application may add: room for the record itself.</summary>
    public const int MaxExtra = LogRecord.MaxText;

    private const string FirstLine = "c2sp.org/tlog-proof@v1";
    private const string ExtraStart = "extra ";
    private const string IndexStart = "index ";

    /// <summary>The lines before the checkpoint: first line, extra data in base64, number, and the longest proof.</summary>
    private const int MaxHead = 64 + (MaxExtra * 4 / 3) + (MerkleTree.MaxProofLength * (MerkleHash.TextLength + 1));

    /// <summary>Bytes of a proof.</summary>
    public const int MaxLength = MaxHead + SignedNote.MaxLength;

    /// <summary>Reads a proof, or says in one sentence why it is none. Nothing is checked: see <see cref="Verify"/>.</summary>
    public static TlogProof? Parse(ReadOnlySpan<byte> text, out string? reason)
    {
        if (!ProofLines.TryCut(text, MaxHead, out var lines, out var checkpoint, out reason))
        {
            return null;
        }

        var extra = lines.Length > 1 && lines[1].StartsWith(ExtraStart, StringComparison.Ordinal) ? StrictBase64.Decode(lines[1].AsSpan(ExtraStart.Length)) ?? [] : null;
        var place = extra is null ? 1 : 2;
        var index = -1L;
        reason = !string.Equals(lines[0], FirstLine, StringComparison.Ordinal) ? $"the first line is not {FirstLine}"
            : extra is { Length: 0 or > MaxExtra } ? $"the extra data are not the base64 of 1 to {MaxExtra} bytes"
            : lines.Length <= place || !lines[place].StartsWith(IndexStart, StringComparison.Ordinal)
                || !StrictNumber.TryParse(lines[place].AsSpan(IndexStart.Length), out index) ? "there is no line \"index N\" where it belongs"
            : null;
        return reason is null && ProofLines.Parse(lines.AsSpan(place + 1), out reason) is { } proof
            ? new TlogProof(index, proof, checkpoint!, extra)
            : null;
    }

    /// <summary>
    /// The head in whose tree the leaf is proven to be, or null and the reason. Whether enough witnesses cosigned is for the caller to see
    /// in the checkpoint (<see cref="SignedNote.CosignedBy"/>).
    /// </summary>
    /// <param name="leaf">The hash of the leaf as the caller knows it, never taken from the proof.</param>
    /// <param name="origin">The log that is to have it.</param>
    /// <param name="log">That log's key.</param>
    /// <param name="reason">What is wrong.</param>
    public TreeHead? Verify(MerkleHash leaf, string origin, NoteVerifier log, out string? reason)
    {
        if (!Note.IsSignedBy(log))
        {
            reason = $"the checkpoint is not signed by {log}";
            return null;
        }

        if (Checkpoint.Parse(Note.Text, out reason) is not { } parsed)
        {
            return null;
        }

        reason = !string.Equals(parsed.Origin, origin, StringComparison.Ordinal) ? $"the checkpoint is of the log {parsed.Origin}, not {origin}"
            : !InclusionProof.Verify(Proof, parsed.Head, Index, leaf) ? "the proof does not show this leaf in the checkpoint's tree"
            : null;
        return reason is null ? parsed.Head : null;
    }

    public byte[] Format()
    {
        var extra = Extra.IsEmpty ? "" : $"{ExtraStart}{Convert.ToBase64String(Extra.Span)}\n";
        var head = $"{FirstLine}\n{extra}{IndexStart}{StrictNumber.Format(Index)}\n{ProofLines.Format(Proof)}\n";
        return [.. Encoding.ASCII.GetBytes(head), .. Note.ToBytes()];
    }
}
