using System.Text;

namespace Athens.Federation.Node.Provenance.Incidents;

/// <summary>
/// The form of an evidence file, for people and machines: <c>athens.federation/evidence/v1 KIND</c>, then parts. A part is a line <c>name</c> or
/// <c>name value</c>; the text that belongs to it follows, each line of it behind <c>&gt; </c> (an empty one is <c>&gt;</c> alone). Signed notes
/// stand in it as they were signed. The same parts have one form only, so that the same evidence has the same bytes and the same id.
/// </summary>
internal static class EvidenceText
{
    /// <summary>Bytes of a file: two records of 8 KiB, two heads with proofs, and room.</summary>
    public const int MaxLength = 128 << 10;

    private const string FirstWord = "athens.federation/evidence/v1 ";
    private const int MaxFields = 16;
    private const int MaxFirstLine = 100;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Whether a file says that it is evidence in this form.</summary>
    public static bool IsEvidence(ReadOnlySpan<byte> file) => file.StartsWith("athens.federation/evidence/"u8);

    /// <summary>Whether a file says that it is of a kind which this version does not know: later ones may.</summary>
    public static bool IsOfLaterKind(ReadOnlySpan<byte> file)
    {
        var line = Encoding.Latin1.GetString(file[..Math.Min(file.Length, MaxFirstLine)]).Split('\n')[0];
        return line.StartsWith(FirstWord, StringComparison.Ordinal)
            && RecordSyntax.IsWord(line.AsSpan(FirstWord.Length))
            && EvidenceKinds.Parse(line.AsSpan(FirstWord.Length)) is null;
    }

    public static byte[] Format(EvidenceKind kind, IEnumerable<EvidenceField> fields)
    {
        var text = new StringBuilder(FirstWord).Append(kind.Name()).Append('\n');
        foreach (var field in fields)
        {
            text.Append(field.Name);
            if (field.Value.Length > 0)
            {
                text.Append(' ').Append(field.Value);
            }

            text.Append('\n');
            AppendQuoted(text, field.Text);
        }

        return StrictUtf8.GetBytes(text.ToString());
    }

    /// <summary>Takes a file apart, or says in one sentence why it is none. Nothing is checked; whoever uses the parts compares their <see cref="Format"/> with the file.</summary>
    public static (EvidenceKind Kind, IReadOnlyList<EvidenceField> Fields)? Parse(ReadOnlySpan<byte> file, out string? reason)
    {
        if ((reason = Decode(file, out var text)) is not null)
        {
            return null;
        }

        var lines = text[..^1].Split('\n');
        if (!lines[0].StartsWith(FirstWord, StringComparison.Ordinal) || EvidenceKinds.Parse(lines[0].AsSpan(FirstWord.Length)) is not { } kind)
        {
            reason = $"the first line is not \"{FirstWord}KIND\" with a kind that this version knows";
            return null;
        }

        return Fields(lines, out reason) is { } fields ? (kind, fields) : null;
    }

    private static string? Decode(ReadOnlySpan<byte> file, out string text)
    {
        text = "";
        if (file.Length > MaxLength)
        {
            return $"the evidence is longer than {MaxLength} bytes";
        }

        try
        {
            text = StrictUtf8.GetString(file);
        }
        catch (ArgumentException)
        {
            return "the evidence is not UTF-8";
        }

        return text.EndsWith('\n') ? null : "the evidence does not end in a line end";
    }

    private static List<EvidenceField>? Fields(string[] lines, out string? reason)
    {
        var fields = new List<EvidenceField>();
        for (var at = 1; at < lines.Length;)
        {
            var (name, value) = lines[at].Split(' ', 2) is [var first, var rest] ? (first, rest) : (lines[at], "");
            var end = at + 1;
            var text = new StringBuilder();
            while (end < lines.Length && lines[end].StartsWith('>'))
            {
                text.Append(lines[end].Length > 2 ? lines[end].AsSpan(2) : []).Append('\n');
                end++;
            }

            if (!RecordSyntax.IsWord(name) || fields.Count == MaxFields)
            {
                reason = $"the evidence has a part that is none, or more than {MaxFields}";
                return null;
            }

            fields.Add(new EvidenceField(name, value, text.ToString()));
            at = end;
        }

        reason = null;
        return fields;
    }

    private static void AppendQuoted(StringBuilder text, string quoted)
    {
        if (quoted.Length == 0)
        {
            return;
        }

        foreach (var range in quoted.AsSpan(0, quoted.Length - 1).Split('\n'))
        {
            var line = quoted.AsSpan(range);
            text.Append(line.IsEmpty ? ">" : "> ").Append(line).Append('\n');
        }
    }
}
