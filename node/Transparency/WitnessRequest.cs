using System.Text;

namespace Athens.Federation.Node.Transparency;

/// <summary>What a witness is asked with (c2sp.org/tlog-witness, add-checkpoint): cosign this checkpoint, here is why it follows from the one you know.</summary>
/// <param name="OldSize">The size of the checkpoint that the witness is thought to know; 0 for none.</param>
/// <param name="Proof">See <see cref="ConsistencyProof"/>.</param>
/// <param name="Note">The checkpoint as the log signed it.</param>
internal sealed record WitnessRequest(long OldSize, IReadOnlyList<MerkleHash> Proof, SignedNote Note)
{
    private const string OldStart = "old ";

    /// <summary>The lines before the checkpoint: the old size and the longest proof.</summary>
    private const int MaxHead = 32 + (MerkleTree.MaxProofLength * (MerkleHash.TextLength + 1));

    /// <summary>Bytes of a request.</summary>
    public const int MaxLength = MaxHead + SignedNote.MaxLength;

    /// <summary>Reads a request's body, or says in one sentence why it is none. Nothing is checked.</summary>
    public static WitnessRequest? Parse(ReadOnlySpan<byte> text, out string? reason)
    {
        if (!ProofLines.TryCut(text, MaxHead, out var lines, out var checkpoint, out reason))
        {
            return null;
        }

        var oldSize = 0L;
        reason = lines[0].StartsWith(OldStart, StringComparison.Ordinal) && StrictNumber.TryParse(lines[0].AsSpan(OldStart.Length), out oldSize)
            ? null
            : "the first line is not \"old N\"";
        return reason is null && ProofLines.Parse(lines.AsSpan(1), out reason) is { } proof ? new WitnessRequest(oldSize, proof, checkpoint!) : null;
    }

    public byte[] Format() => [.. Encoding.ASCII.GetBytes($"{OldStart}{StrictNumber.Format(OldSize)}\n{ProofLines.Format(Proof)}\n"), .. Note.ToBytes()];
}
