using System.Text;

namespace Athens.Federation.Node.Transparency;

/// <summary>
/// A text and signatures on it (c2sp.org/signed-note, golang.org/x/mod/sumdb/note): the text, a blank line, and lines
/// <c>— name base64(hash, signature)</c>. What is malformed for Go is malformed here. Signatures of unknown keys and algorithms are kept.
/// </summary>
internal sealed class SignedNote
{
    /// <summary>Bytes of a note. The largest that peers send are records (16 KiB) and heads (64 KiB); pool roots come to a few hundred KiB.</summary>
    public const int MaxLength = 1 << 20;

    /// <summary>Signatures of a note, as Go has it: each costs a look at all known keys.</summary>
    public const int MaxSignatures = 100;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte[] signed;

    private SignedNote(string text, byte[] signed, IReadOnlyList<NoteSignature> signatures)
    {
        Text = text;
        this.signed = signed;
        Signatures = signatures;
    }

    /// <summary>What is signed; ends in LF.</summary>
    public string Text { get; }

    /// <summary>The signature lines in their order, unchecked; those of unknown keys and algorithms among them.</summary>
    public IReadOnlyList<NoteSignature> Signatures { get; }

    /// <summary>Reads a note, or says in one sentence why it is none. No signature is checked: see <see cref="IsSignedBy"/>.</summary>
    public static SignedNote? Parse(ReadOnlySpan<byte> note, out string? reason)
    {
        reason = note.Length > MaxLength ? $"the note is longer than {MaxLength} bytes" : WrongCharacter(note);
        if (reason is not null)
        {
            return null;
        }

        var split = note.LastIndexOf("\n\n"u8);
        if (split < 0 || split + 2 == note.Length || note[^1] != '\n')
        {
            reason = "the note does not end in a blank line and signatures";
            return null;
        }

        var signatures = NoteSignature.ParseLines(Encoding.UTF8.GetString(note[(split + 2)..]), out reason);
        var text = note[..(split + 1)];
        return signatures is null ? null : new SignedNote(Encoding.UTF8.GetString(text), text.ToArray(), signatures);
    }

    /// <summary>Signs a text with every key, in their order.</summary>
    /// <exception cref="ArgumentException">The text does not end in LF, cannot stand in a note, or nobody signs.</exception>
    public static byte[] Sign(string text, params ReadOnlySpan<SigningKey> keys)
    {
        var message = StrictUtf8.GetBytes(text);
        if (!text.EndsWith('\n') || WrongCharacter(message) is not null || keys.Length is 0 or > MaxSignatures)
        {
            throw new ArgumentException("A note is text of whole lines without control characters, and signed by 1 to 100 keys.", nameof(text));
        }

        var signatures = new List<NoteSignature>(keys.Length);
        foreach (var key in keys)
        {
            signatures.Add(new NoteSignature(key.Name, key.Verifier.Hash, key.Sign(message)));
        }

        return new SignedNote(text, message, signatures).ToBytes();
    }

    /// <summary>Whether this key signed the text. Lines of other keys do not matter; of several lines of this key the first decides, as in Go.</summary>
    public bool IsSignedBy(NoteVerifier verifier) =>
        FirstOf(verifier.Name, verifier.Hash) is { } signature && verifier.Verify(signed, signature.Bytes.Span);

    /// <summary>
    /// When this witness cosigned the text, by its own clock; null when it did not. Of several lines of this key the first decides. That the
    /// time is not in the future is for the caller to check.
    /// </summary>
    public DateTimeOffset? CosignedBy(CosignatureVerifier witness) =>
        FirstOf(witness.Name, witness.Hash) is { } signature ? witness.Verify(signed, signature.Bytes.Span) : null;

    /// <summary>The same text with further signatures: each replaces those of the same key, or is added at the end.</summary>
    /// <exception cref="ArgumentException">There would be more than <see cref="MaxSignatures"/>; see <see cref="Without"/>.</exception>
    public SignedNote With(params IReadOnlyList<NoteSignature> more)
    {
        List<NoteSignature> signatures = [.. Signatures];
        foreach (var signature in more)
        {
            var place = signatures.FindIndex(signature.IsOfKeyOf);
            signatures.RemoveAll(signature.IsOfKeyOf);
            signatures.Insert(place < 0 ? signatures.Count : place, signature);
        }

        return signatures.Count <= MaxSignatures
            ? new SignedNote(Text, signed, signatures)
            : throw new ArgumentException($"A note has at most {MaxSignatures} signatures.", nameof(more));
    }

    /// <summary>The same text without some signatures, so that lines of strangers cannot crowd out those that matter.</summary>
    /// <exception cref="ArgumentException">None would be left.</exception>
    public SignedNote Without(Func<NoteSignature, bool> unwanted)
    {
        List<NoteSignature> kept = [.. Signatures.Where(signature => !unwanted(signature))];
        return kept.Count > 0
            ? new SignedNote(Text, signed, kept)
            : throw new ArgumentException("A note has at least one signature.", nameof(unwanted));
    }

    /// <summary>The note as it is sent and kept: the text, a blank line, the signature lines.</summary>
    public byte[] ToBytes() => [.. signed, (byte)'\n', .. Encoding.UTF8.GetBytes(string.Concat(Signatures.Select(signature => signature.ToLine())))];

    private static string? WrongCharacter(ReadOnlySpan<byte> note)
    {
        if (!System.Text.Unicode.Utf8.IsValid(note))
        {
            return "the note is not UTF-8";
        }

        foreach (var b in note)
        {
            if (b is < 0x20 and not (byte)'\n')
            {
                return "the note has a control character";
            }
        }

        return null;
    }

    private NoteSignature? FirstOf(string name, uint hash) => Signatures.FirstOrDefault(signature => signature.IsOf(name, hash));
}
