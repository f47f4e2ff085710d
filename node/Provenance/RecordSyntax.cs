using System.Buffers;
using System.Globalization;
using System.Text;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance;

/// <summary>The small parts of a record's text, each with the one spelling that is accepted.</summary>
internal static class RecordSyntax
{
    private const int Sha256Digits = 64;
    private const int Sha256Bytes = 32;
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>The first word of a further line.</summary>
    private const int MaxWord = 32;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");
    private static readonly SearchValues<char> WordCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    public static bool IsH1(ReadOnlySpan<char> text) =>
        text.StartsWith("h1:", StringComparison.Ordinal) && StrictBase64.Decode(text[3..]) is { Length: Sha256Bytes };

    public static bool IsSha256(ReadOnlySpan<char> text) => text.Length == Sha256Digits && !text.ContainsAnyExcept(HexDigits);

    /// <summary>A number without sign and leading zeros, at most <paramref name="most"/>.</summary>
    public static bool TryParseSize(ReadOnlySpan<char> text, long most, out long size) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out size) && size <= most && (text[0] != '0' || text.Length == 1);

    /// <summary>A time in UTC and whole seconds, then at least one more word.</summary>
    public static bool IsProvenance(ReadOnlySpan<char> text)
    {
        var blank = text.IndexOf(' ');
        return blank > 0
            && text.Length > blank + 1
            && DateTimeOffset.TryParseExact(text[..blank], TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);
    }

    /// <summary>A word such as <c>sumdb</c>: lower-case letters, digits and dashes, no dot, so that it is never a module path.</summary>
    public static bool IsWord(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= MaxWord && char.IsAsciiLetterLower(text[0]) && !text.ContainsAnyExcept(WordCharacters);

    /// <summary>
    /// Nothing that moves a cursor, breaks a line or turns the direction of writing, in a terminal or a log; and valid Unicode.
    /// </summary>
    public static bool IsPlain(ReadOnlySpan<char> text)
    {
        while (text.Length > 0)
        {
            if (Rune.DecodeFromUtf16(text, out var rune, out var length) != OperationStatus.Done
                || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                    or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate)
            {
                return false;
            }

            text = text[length..];
        }

        return true;
    }

    /// <summary>Words with one blank between them, none at either end.</summary>
    public static bool IsSpaced(ReadOnlySpan<char> line) =>
        line.Length > 0 && line[0] != ' ' && line[^1] != ' ' && !line.Contains("  ", StringComparison.Ordinal);
}
