using System.Buffers;
using System.Text;

namespace Tomlyn.Parsing;

/// <summary>Finds what is not Unicode: bytes that are not UTF-8, and lone surrogates in text that was never bytes.</summary>
internal static class EncodingCheck
{
    private const string NotUtf8 = "the line has bytes that are not UTF-8";

    /// <summary>One report for each line with bytes that are not UTF-8.</summary>
    public static void Report(ReadOnlySpan<byte> bytes, Reports reports)
    {
        var line = 0;
        var reportedLine = -1;
        while (!bytes.IsEmpty && !reports.IsFull)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var consumed) != OperationStatus.Done && reportedLine != line)
            {
                reports.AtLine(line, NotUtf8);
                reportedLine = line;
            }

            line += rune.Value == '\n' ? 1 : 0;
            bytes = bytes[consumed..];
        }
    }

    public static void Report(string text, Reports reports)
    {
        for (var i = 0; i < text.Length && !reports.IsFull; i++)
        {
            if (!char.IsSurrogate(text[i]))
            {
                continue;
            }

            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
            {
                i++;
            }
            else
            {
                reports.At(i, "half of a surrogate pair is not a character");
            }
        }
    }
}
