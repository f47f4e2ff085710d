using System.Text;
using System.Text.Unicode;

namespace Athens.Federation.Node.Transparency;

/// <summary>
/// A record of a log as Go's checksum databases send it (FormatRecord and ParseRecord of golang.org/x/mod/sumdb/tlog): its number, its text,
/// a blank line. The leaf is the text alone.
/// </summary>
/// <param name="Index">The record's number, from 0 on.</param>
/// <param name="Text">UTF-8 in whole lines, none of them blank, no control characters.</param>
internal sealed record LogRecord(long Index, ReadOnlyMemory<byte> Text)
{
    /// <summary>Bytes of a text: what an entry bundle of c2sp.org/tlog-tiles can hold. The records of public databases have some 200.</summary>
    public const int MaxText = ushort.MaxValue;

    public MerkleHash LeafHash => MerkleTree.LeafHash(Text.Span);

    /// <summary>Go's rule, and stricter in one point: a blank first line is a blank line too. Such a text could not be told from its end.</summary>
    public static bool IsValidText(ReadOnlySpan<byte> text)
    {
        if (text.Length is 0 or > MaxText || text[0] == '\n' || text[^1] != '\n' || text.IndexOf("\n\n"u8) >= 0 || !Utf8.IsValid(text))
        {
            return false;
        }

        foreach (var b in text)
        {
            if (b is < 0x20 and not (byte)'\n')
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Reads the record that a message begins with, or says in one sentence why there is none.</summary>
    /// <param name="message">Hostile.</param>
    /// <param name="length">Bytes that the record takes, its blank line among them.</param>
    /// <param name="reason">What is wrong.</param>
    public static LogRecord? Parse(ReadOnlySpan<byte> message, out int length, out string? reason)
    {
        length = 0;
        var lineEnd = message[..Math.Min(message.Length, StrictNumber.MaxLength + 1)].IndexOf((byte)'\n');
        if (lineEnd < 0 || !StrictNumber.TryParse(Encoding.Latin1.GetString(message[..lineEnd]), out var index) || index >= MerkleTree.MaxSize)
        {
            reason = "a record begins with its number in decimal, without leading zeros";
            return null;
        }

        var rest = message[(lineEnd + 1)..];
        var textEnd = rest[..Math.Min(rest.Length, MaxText + 1)].IndexOf("\n\n"u8);
        if (textEnd < 0 || !IsValidText(rest[..(textEnd + 1)]))
        {
            reason = $"a record's text is at most {MaxText} bytes of UTF-8 in whole lines without control characters, and ends in a blank line";
            return null;
        }

        length = lineEnd + 1 + textEnd + 2;
        reason = null;
        return new LogRecord(index, rest[..(textEnd + 1)].ToArray());
    }

    /// <summary>Number, text, blank line.</summary>
    /// <exception cref="InvalidOperationException">The text cannot stand in a log.</exception>
    public byte[] Format() => Index >= 0 && IsValidText(Text.Span)
        ? [.. Encoding.ASCII.GetBytes(StrictNumber.Format(Index)), (byte)'\n', .. Text.Span, (byte)'\n']
        : throw new InvalidOperationException("The text cannot be a record's.");
}
