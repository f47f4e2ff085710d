using System.Buffers.Binary;
using System.Text;

namespace Athens.Federation.Node.Transparency;

/// <summary>
/// A text and signatures on it (c2sp.org/signed-note, golang.org/x/mod/sumdb/note): the text, a blank line, and lines
/// <c>— name base64(hash, signature)</c>. What is malformed for Go is malformed here.
/// </summary>
internal sealed class SignedNote
{
    /// <summary>Bytes of a note. The largest that peers send are records (16 KiB) and heads (64 KiB); pool roots come to a few hundred KiB.</summary>
    public const int MaxLength = 1 << 20;

    /// <summary>Signatures of a note, as Go has it: each costs a look at all known keys.</summary>
    public const int MaxSignatures = 100;

    private const string Dash = "— ";
    private const int HashSize = 4;

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

        var signatures = ParseSignatures(Encoding.UTF8.GetString(note[(split + 2)..^1]), out reason);
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

        var lines = new StringBuilder("\n");
        foreach (var key in keys)
        {
            var signature = new byte[HashSize + Ed25519Signature.SignatureSize];
            BinaryPrimitives.WriteUInt32BigEndian(signature, key.Verifier.Hash);
            key.Sign(message).CopyTo(signature, HashSize);
            lines.Append(Dash).Append(key.Name).Append(' ').Append(Convert.ToBase64String(signature)).Append('\n');
        }

        return [.. message, .. Encoding.UTF8.GetBytes(lines.ToString())];
    }

    /// <summary>Whether this key signed the text. Lines of other keys do not matter; of several lines of this key the first decides, as in Go.</summary>
    public bool IsSignedBy(NoteVerifier verifier)
    {
        foreach (var signature in Signatures)
        {
            if (signature.Hash == verifier.Hash && string.Equals(signature.Name, verifier.Name, StringComparison.Ordinal))
            {
                return verifier.Verify(signed, signature.Bytes.Span);
            }
        }

        return false;
    }

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

    private static List<NoteSignature>? ParseSignatures(string lines, out string? reason)
    {
        var signatures = new List<NoteSignature>();
        foreach (var range in lines.AsSpan().Split('\n'))
        {
            if (signatures.Count == MaxSignatures)
            {
                reason = $"the note has more than {MaxSignatures} signatures";
                return null;
            }

            if (ParseLine(lines.AsSpan(range)) is not { } signature)
            {
                reason = "a signature line of the note is not written \"— name base64\"";
                return null;
            }

            signatures.Add(signature);
        }

        reason = null;
        return signatures;
    }

    private static NoteSignature? ParseLine(ReadOnlySpan<char> line)
    {
        if (!line.StartsWith(Dash, StringComparison.Ordinal))
        {
            return null;
        }

        line = line[Dash.Length..];
        var blank = line.IndexOf(' ');
        return blank > 0 && NoteName.IsValid(line[..blank]) && StrictBase64.Decode(line[(blank + 1)..]) is { Length: > HashSize } bytes
            ? new NoteSignature(new string(line[..blank]), BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes.AsMemory(HashSize))
            : null;
    }
}
