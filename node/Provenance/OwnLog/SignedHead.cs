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
    private const string Differing = "the two forms of its head do not say the same";

    /// <summary>Signs. What comes out must be stored before anybody sees it.</summary>
    /// <param name="tree">Of the log.</param>
    /// <param name="key">The log's.</param>
    /// <param name="former">Signs Go's form too; null for none. A checkpoint has the log's name in it, and one log has one name.</param>
    public static SignedHead Sign(TreeHead tree, SigningKey key, SigningKey? former = null) => new(
        tree,
        former is null ? SignedNote.Sign(GoTreeHead.Format(tree), key) : SignedNote.Sign(GoTreeHead.Format(tree), key, former),
        SignedNote.Sign(Transparency.Checkpoint.Of(key.Name, tree).ToText(), key));

    /// <summary>Reads what is stored, or says in one sentence why it is no head of this log.</summary>
    public static SignedHead? Read(StoredHead stored, NoteVerifier log, out string? reason)
    {
        var read = Read(stored.Latest, stored.Checkpoint, log, out reason);
        reason ??= read!.Tree.Size != stored.Size ? Differing : null;
        return reason is null ? read : null;
    }

    /// <summary>Reads both forms of a head, or says in one sentence why they are none of this log.</summary>
    public static SignedHead? Read(ReadOnlyMemory<byte> latest, ReadOnlyMemory<byte> checkpoint, NoteVerifier log, out string? reason)
    {
        if (SignedNote.Parse(latest.Span, out reason) is not { } one || SignedNote.Parse(checkpoint.Span, out reason) is not { } other)
        {
            return null;
        }

        if (!one.IsSignedBy(log) || !other.IsSignedBy(log))
        {
            reason = $"its head is signed by {one.Signatures[0].Name}, not by the present log key {log.Name}";
            return null;
        }

        if (GoTreeHead.Parse(one.Text, out reason) is not { } tree || Transparency.Checkpoint.Parse(other.Text, out reason) is not { } point)
        {
            return null;
        }

        reason = tree != point.Head ? Differing
            : !string.Equals(point.Origin, log.Name, StringComparison.Ordinal) ? $"its head is of another log than {log.Name}" : null;
        return reason is null ? new SignedHead(tree, latest, checkpoint) : null;
    }

    public StoredHead ToStored() => new(Tree.Size, Latest, Checkpoint);
}
