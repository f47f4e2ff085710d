using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.OwnLog;

/// <summary>
/// A head of the node's own log in its two signed forms: Go's, whose first line all checksum database logs share, and C2SP's checkpoint with the
/// log's own name as its origin, which witnesses need to tell logs apart.
/// </summary>
/// <param name="Tree">What both say.</param>
/// <param name="Latest">Go's form, a signed note.</param>
/// <param name="Checkpoint">C2SP's form, a signed note.</param>
internal sealed record SignedHead(TreeHead Tree, ReadOnlyMemory<byte> Latest, ReadOnlyMemory<byte> Checkpoint)
{
    /// <summary>Signs. What comes out must be stored before anybody sees it.</summary>
    public static SignedHead Sign(TreeHead tree, SigningKey key) => new(
        tree,
        SignedNote.Sign(GoTreeHead.Format(tree), key),
        SignedNote.Sign(Transparency.Checkpoint.Of(key.Name, tree).ToText(), key));

    /// <summary>Reads what is stored, or says in one sentence why it is no head of this log.</summary>
    public static SignedHead? Read(StoredHead stored, NoteVerifier log, out string? reason)
    {
        if (SignedNote.Parse(stored.Latest.Span, out reason) is not { } latest || SignedNote.Parse(stored.Checkpoint.Span, out reason) is not { } checkpoint)
        {
            return null;
        }

        if (!latest.IsSignedBy(log) || !checkpoint.IsSignedBy(log))
        {
            reason = $"its head is signed by {latest.Signatures[0].Name}, not by the present log key {log.Name}";
            return null;
        }

        if (GoTreeHead.Parse(latest.Text, out reason) is not { } tree || Transparency.Checkpoint.Parse(checkpoint.Text, out reason) is not { } other)
        {
            return null;
        }

        reason = tree != other.Head || tree.Size != stored.Size ? "the two forms of its head do not say the same" : null;
        return reason is null ? new SignedHead(tree, stored.Latest, stored.Checkpoint) : null;
    }

    public StoredHead ToStored() => new(Tree.Size, Latest, Checkpoint);
}
