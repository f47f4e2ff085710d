using System.Globalization;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.LogKeys;

/// <summary>
/// A node's word that its log goes on under another key and name, signed by the key before, the key from then on, and the node's identity key: who has only one of
/// them, as a thief of the log key has, cannot say so.
/// </summary>
/// <param name="From">The log key before.</param>
/// <param name="To">The log key from then on.</param>
/// <param name="At">The head under which the first one ended; the tree is one and goes on.</param>
/// <param name="Until">So long heads are signed by both, for clients that know the first one. Whole seconds.</param>
/// <param name="Note">The statement as it was signed.</param>
internal sealed record LogRotation(NoteVerifier From, NoteVerifier To, TreeHead At, DateTimeOffset Until, ReadOnlyMemory<byte> Note)
{
    /// <summary>Bytes of a statement: two keys, a head and three signatures come to half of it.</summary>
    public const int MaxLength = 4 << 10;

    private const string FirstLine = "athens.federation/log-rotation/v1";
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    public static LogRotation Sign(SigningKey identity, SigningKey from, SigningKey to, TreeHead at, DateTimeOffset until)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{FirstLine}\nfrom {from.Verifier}\nto {to.Verifier}\nat {at.Size} {at.Root}\nuntil {until.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)}\n");
        return new LogRotation(from.Verifier, to.Verifier, at, until, SignedNote.Sign(text, identity, from, to));
    }

    /// <summary>Reads a statement, or says in one sentence why it is none of the node with this identity.</summary>
    /// <param name="bytes">Hostile.</param>
    /// <param name="identity">The node's public identity key, 32 bytes.</param>
    /// <param name="reason">What is wrong.</param>
    public static LogRotation? Read(ReadOnlyMemory<byte> bytes, ReadOnlySpan<byte> identity, out string? reason)
    {
        reason = bytes.Length > MaxLength ? $"the statement is longer than {MaxLength} bytes" : null;
        if (reason is not null || SignedNote.Parse(bytes.Span, out reason) is not { } note)
        {
            return null;
        }

        if (note.Text.Split('\n') is not [FirstLine, ['f', 'r', 'o', 'm', ' ', .. var from], ['t', 'o', ' ', .. var to], ['a', 't', ' ', .. var at], ['u', 'n', 't', 'i', 'l', ' ', .. var until], ""]
            || NoteVerifier.Parse(from, out _) is not { } before
            || NoteVerifier.Parse(to, out _) is not { } after
            || HeadOf(at) is not { } head
            || !DateTimeOffset.TryParseExact(until, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var end))
        {
            reason = "the statement does not say which key follows which";
            return null;
        }

        reason = !note.IsSignedBy(before) || !note.IsSignedBy(after) ? "the statement is not signed by both of its log keys"
            : IdentitySignature.Find(note, identity) is null ? "the statement is not signed by the node's identity key"
            : null;
        return reason is null ? new LogRotation(before, after, head, end, bytes) : null;
    }

    private static TreeHead? HeadOf(string text) =>
        text.Split(' ') is [var size, var root] && StrictNumber.TryParse(size, out var number) && MerkleHash.TryParse(root, out var hash) ? new TreeHead(number, hash) : null;
}
