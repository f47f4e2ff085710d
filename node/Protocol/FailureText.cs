using System.Globalization;
using System.Text;

namespace Athens.Federation.Node.Protocol;

/// <summary>
/// The body of an answer that is not a success. The <c>go</c> command shows it to the developer only when it is
/// printable text of at most eight lines and 648 bytes, and stops at the first blank line (cmd/go/internal/web).
/// </summary>
internal static class FailureText
{
    public const int MaxLines = 8;

    public const int MaxBytes = 648;

    /// <summary>The reason, cut to what <c>go</c> shows, and a last line with the request id for the node's operator.</summary>
    public static byte[] Compose(string reason, string requestId)
    {
        string last = $"(request {requestId})\n";
        int room = MaxBytes - Encoding.UTF8.GetByteCount(last);
        var text = new StringBuilder(MaxBytes);
        int lines = 0;
        foreach (var line in reason.AsSpan().EnumerateLines())
        {
            int before = text.Length;
            room -= AppendPrintable(text, line, room - 1);
            if (text.Length == before)
            {
                continue;
            }

            text.Append('\n');
            room--;
            if (++lines == MaxLines - 1 || room <= 1)
            {
                break;
            }
        }

        return Encoding.UTF8.GetBytes(text.Append(last).ToString());
    }

    /// <summary>Text from a request, made fit for one line of a log or an error: printable and no longer than given.</summary>
    public static string Shown(ReadOnlySpan<char> text, int maxBytes)
    {
        var shown = new StringBuilder(Math.Min(text.Length, maxBytes));
        AppendPrintable(shown, text, maxBytes);
        return shown.ToString();
    }

    private static int AppendPrintable(StringBuilder text, ReadOnlySpan<char> line, int room)
    {
        int used = 0;
        foreach (var rune in line.TrimEnd().EnumerateRunes())
        {
            var shown = rune.Value == '\t' ? new Rune(' ') : IsGraphic(rune) ? rune : new Rune('?');
            if (used + shown.Utf8SequenceLength > room)
            {
                break;
            }

            used += shown.Utf8SequenceLength;
            text.Append(shown.ToString());
        }

        return used;
    }

    // Go's unicode.IsGraphic: letters, marks, numbers, punctuation, symbols and Zs. A single other one hides the text.
    private static bool IsGraphic(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator => false,
        _ => true,
    };
}
