using System.Globalization;
using System.Text;

namespace Athens.Federation.Node.Modules;

/// <summary>Names out of hostile input, made fit for a sentence in a terminal: printable, one line, bounded.</summary>
internal static class Shown
{
    /// <summary>Longer names are cut: a reason must fit the 648 bytes that <c>go</c> prints.</summary>
    public const int MaxLength = 160;

    public static string Text(ReadOnlySpan<char> text)
    {
        bool cut = text.Length > MaxLength;
        text = cut ? text[..MaxLength] : text;
        var shown = new StringBuilder(text.Length + 1);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.Value is '"' or '\\')
            {
                shown.Append('\\');
            }

            shown.Append(IsPrintable(rune) ? rune.ToString() : CodePoint(rune));
        }

        return cut ? shown.Append('…').ToString() : shown.ToString();
    }

    public static string Character(Rune rune) => IsPrintable(rune) ? $"'{rune}'" : CodePoint(rune);

    private static string CodePoint(Rune rune) => string.Create(CultureInfo.InvariantCulture, $"U+{rune.Value:X4}");

    private static bool IsPrintable(Rune rune) =>
        rune.IsAscii
            ? rune.Value is >= 0x20 and < 0x7f
            : Rune.IsLetterOrDigit(rune) || Rune.IsPunctuation(rune) || Rune.IsSymbol(rune);
}
