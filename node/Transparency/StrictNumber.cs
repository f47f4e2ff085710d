using System.Globalization;

namespace Athens.Federation.Node.Transparency;

/// <summary>Decimal numbers as logs write them: digits alone, no leading zero, so that every number has one text.</summary>
internal static class StrictNumber
{
    /// <summary>Digits of <see cref="long.MaxValue"/>.</summary>
    public const int MaxLength = 19;

    public static bool TryParse(ReadOnlySpan<char> text, out long number)
    {
        number = 0;
        return text.Length is > 0 and <= MaxLength
            && (text[0] != '0' || text.Length == 1)
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    public static string Format(long number) => number.ToString(CultureInfo.InvariantCulture);
}
