using System.Buffers;
using System.Globalization;
using System.Text;

namespace Athens.Federation.Node.Telemetry;

/// <summary>
/// For people: <c>time level room message key=value…</c>, the fields that the message does not show itself at the end.
/// Control characters (and the invisible ones that turn text around) are written as escapes: nothing that a client
/// sends can begin a line, move the cursor or hide text. A stack trace follows indented.
/// </summary>
internal sealed class ConsoleLogFormat : ILogFormat
{
    private const int RoomColumn = 10;

    private static readonly byte[][] Levels =
    [
        "trace "u8.ToArray(),
        "debug "u8.ToArray(),
        "info  "u8.ToArray(),
        "warn  "u8.ToArray(),
        "error "u8.ToArray(),
        "fatal "u8.ToArray(),
    ];

    /// <summary>A field with only these needs no quotes.</summary>
    private static readonly SearchValues<byte> Bare = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?#[]@!$&'()*+,;%"u8);

    public void Write(LogLine line, in LogEntry entry)
    {
        var text = line.Text;
        WriteTime(text, entry.Time);
        text.Append(Levels[Math.Clamp((int)entry.Level, 0, Levels.Length - 1)]);
        var room = entry.Category.Short;
        text.Append(room);
        text.Append("            "u8[..(Math.Max(0, RoomColumn - room.Length) + 1)]);
        WriteMessage(line, entry);
        foreach (var (key, value) in line.Fields)
        {
            if (key != LogTemplate.FieldName && entry.Template?.Shows(key) != true)
            {
                WriteField(line, key, value);
            }
        }

        text.Append("\n"u8);
        if (entry.Exception is not null)
        {
            WriteException(line, entry.Exception);
        }
    }

    private static void WriteTime(Utf8Text text, DateTimeOffset time)
    {
        const int upToMilliseconds = 23;
        var room = text.GetSpan(64);
        time.UtcDateTime.TryFormat(room, out _, "O", CultureInfo.InvariantCulture);
        text.Advance(upToMilliseconds);
        text.Append("Z "u8);
    }

    private static void WriteMessage(LogLine line, in LogEntry entry)
    {
        line.Scratch.Clear();
        if (entry.Template is { } template)
        {
            template.Render(line.Scratch, line.Fields);
        }
        else
        {
            LogValue.WriteText(line.Scratch, entry.Text ?? "", LogValue.MaxLongLength);
        }

        Escape(line.Text, line.Scratch.Written, quoted: false);
    }

    private static void WriteField(LogLine line, string key, object? value)
    {
        line.Scratch.Clear();
        LogValue.Write(line.Scratch, value, null);
        var written = line.Scratch.Written;
        line.Text.Append(" "u8);
        line.Text.Append(LogFieldName.Of(key).EncodedUtf8Bytes);
        line.Text.Append("="u8);
        if (written.Length > 0 && !written.ContainsAnyExcept(Bare))
        {
            line.Text.Append(written);
            return;
        }

        line.Text.Append("\""u8);
        Escape(line.Text, written, quoted: true);
        line.Text.Append("\""u8);
    }

    private static void WriteException(LogLine line, Exception exception)
    {
        var trace = LogValue.ToText(exception, null);
        foreach (var row in trace.AsSpan(0, Math.Min(trace.Length, LogValue.MaxLongLength)).EnumerateLines())
        {
            line.Scratch.Clear();
            line.Scratch.Append(row);
            line.Text.Append("    "u8);
            Escape(line.Text, line.Scratch.Written, quoted: false);
            line.Text.Append("\n"u8);
        }
    }

    private static void Escape(Utf8Text text, ReadOnlySpan<byte> utf8, bool quoted)
    {
        while (!utf8.IsEmpty)
        {
            var plain = quoted
                ? utf8.IndexOfAnyExcept(Bare)
                : utf8.IndexOfAnyExceptInRange((byte)' ', (byte)'~');
            if (plain < 0)
            {
                text.Append(utf8);
                return;
            }

            text.Append(utf8[..plain]);
            Rune.DecodeFromUtf8(utf8[plain..], out var rune, out var length);
            EscapeRune(text, rune, utf8.Slice(plain, length), quoted);
            utf8 = utf8[(plain + length)..];
        }
    }

    private static void EscapeRune(Utf8Text text, Rune rune, ReadOnlySpan<byte> utf8, bool quoted)
    {
        switch (rune.Value)
        {
            case '\n':
                text.Append("\\n"u8);
                break;
            case '\r':
                text.Append("\\r"u8);
                break;
            case '\t':
                text.Append("\\t"u8);
                break;
            case '"' or '\\' when quoted:
                text.Append("\\"u8);
                text.Append(utf8);
                break;
            default:
                if (IsUnseen(rune))
                {
                    LogValue.WriteText(text, $"\\u{{{rune.Value:x}}}", LogValue.MaxLength);
                }
                else
                {
                    text.Append(utf8);
                }

                break;
        }
    }

    private static bool IsUnseen(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control
        or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned;
}
