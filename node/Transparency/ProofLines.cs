namespace Athens.Federation.Node.Transparency;

/// <summary>What C2SP's texts with proofs have in common: lines with hashes in base64, an empty line, and a checkpoint to the end.</summary>
internal static class ProofLines
{
    /// <summary>Cuts a text at its first empty line, which ends the proof and not the checkpoint, whose own comes later.</summary>
    public static bool TryCut(ReadOnlySpan<byte> text, int maxLength, out string[] lines, out SignedNote? checkpoint, out string? reason)
    {
        (lines, checkpoint, reason) = ([], null, "there is no empty line between the proof and the checkpoint");
        var end = text[..Math.Min(text.Length, maxLength)].IndexOf("\n\n"u8);
        if (end < 0)
        {
            return false;
        }

        lines = System.Text.Encoding.Latin1.GetString(text[..end]).Split('\n');
        checkpoint = SignedNote.Parse(text[(end + 2)..], out reason);
        return checkpoint is not null;
    }

    /// <summary>The hashes, one in each line; null, and the reason in one sentence, when a line is none or there are too many.</summary>
    public static MerkleHash[]? Parse(ReadOnlySpan<string> lines, out string? reason)
    {
        var hashes = new MerkleHash[lines.Length];
        reason = lines.Length > MerkleTree.MaxProofLength ? $"a proof has at most {MerkleTree.MaxProofLength} hashes" : null;
        for (var i = 0; i < lines.Length && reason is null; i++)
        {
            reason = MerkleHash.TryParse(lines[i], out hashes[i]) ? null : "a line of the proof is not the base64 of 32 bytes";
        }

        return reason is null ? hashes : null;
    }

    public static string Format(IEnumerable<MerkleHash> hashes) => string.Concat(hashes.Select(hash => $"{hash}\n"));
}
