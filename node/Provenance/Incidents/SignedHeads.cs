using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Incidents;

/// <summary>Signed heads of a log, in Go's form or C2SP's: of one log both are over one tree.</summary>
internal static class SignedHeads
{
    /// <summary>What a head says, or in one sentence why it is no head of this log.</summary>
    public static TreeHead? TreeOf(SignedNote head, NoteVerifier log, out string? reason)
    {
        if (!head.IsSignedBy(log))
        {
            reason = $"a head is not signed by {log}";
            return null;
        }

        if (GoTreeHead.Parse(head.Text, out reason) is { } tree)
        {
            return tree;
        }

        if (Checkpoint.Parse(head.Text, out reason) is not { } checkpoint)
        {
            return null;
        }

        // A key may sign for several origins, each a log of its own. That of a node's log is the key's name.
        reason = string.Equals(checkpoint.Origin, log.Name, StringComparison.Ordinal) ? null : $"a checkpoint is of the log {checkpoint.Origin}, not {log.Name}";
        return reason is null ? checkpoint.Head : null;
    }

    /// <summary>The note with this key's signature alone: what others signed proves nothing here, and would make other bytes of the same evidence.</summary>
    public static SignedNote OnlyOf(SignedNote note, NoteVerifier log)
    {
        var own = note.Signatures.FirstOrDefault(signature => signature.IsOf(log.Name, log.Hash));
        return own is null ? note : note.Without(signature => !ReferenceEquals(signature, own));
    }
}
