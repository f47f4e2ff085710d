namespace Makaretu.Dns;

internal static class AsciiText
{
    /// <summary>Only A to Z change: DNS knows no other letters with two forms (RFC 4343).</summary>
    public static string ToLowerAscii(this string text) =>
        text.AsSpan().ContainsAnyInRange('A', 'Z')
            ? string.Create(text.Length, text, static (lowered, from) =>
            {
                for (var i = 0; i < from.Length; i++)
                {
                    lowered[i] = char.IsAsciiLetterUpper(from[i]) ? (char)(from[i] | 0x20) : from[i];
                }
            })
            : text;
}
