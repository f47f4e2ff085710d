using System.Text;
using System.Text.RegularExpressions;

namespace Athens.Federation.Node.Upstream;

/// <summary>
/// Go's own words, made fit for a developer's terminal: printable, short, with none of this node's folders and no
/// credentials. The <c>go</c> command shows 8 lines and 648 bytes of an error body at most, up to the first blank line.
/// </summary>
internal static partial class GoWords
{
    public const int MaxLines = 8;

    /// <summary>Bytes: a little under what <c>go</c> shows, for the front adds a few words.</summary>
    public const int MaxBytes = 600;

    /// <param name="words">What the child wrote.</param>
    /// <param name="dataFolder">The node's data folder, never shown.</param>
    public static string Clean(string words, string dataFolder)
    {
        string text = CachePath().Replace(Escape().Replace(words, ""), "");
        text = text.Replace(dataFolder, "(data)", StringComparison.Ordinal);
        text = Secret().Replace(UserInfo().Replace(text, "://"), "${name}=(hidden)");
        StringBuilder kept = new();
        int bytes = 0;
        int lines = 0;
        foreach (string raw in text.Split('\n'))
        {
            string line = Printable(raw);
            if (line.Length == 0 || line.StartsWith("go: downloading ", StringComparison.Ordinal))
            {
                continue;
            }

            line = lines == 0 && line.StartsWith("go: ", StringComparison.Ordinal) ? line[4..] : line;
            string cut = CutTo(line, MaxBytes - bytes - (lines == 0 ? 0 : 1));
            if (cut.Length == 0)
            {
                break;
            }

            kept.Append(lines == 0 ? "" : "\n").Append(cut);
            bytes += Encoding.UTF8.GetByteCount(cut) + (lines == 0 ? 0 : 1);
            if (++lines == MaxLines || cut.Length < line.Length)
            {
                break;
            }
        }

        return kept.Length == 0 ? "go failed without a word" : kept.ToString();
    }

    /// <summary>A URL without user name and password.</summary>
    public static string WithoutCredentials(string url) => UserInfo().Replace(url, "://");

    private static string Printable(string line)
    {
        StringBuilder kept = new(line.Length);
        foreach (Rune rune in line.EnumerateRunes())
        {
            bool plain = rune.Value != 0xFFFD && !Rune.IsControl(rune) &&
                Rune.GetUnicodeCategory(rune) is not (System.Globalization.UnicodeCategory.Format
                    or System.Globalization.UnicodeCategory.LineSeparator
                    or System.Globalization.UnicodeCategory.ParagraphSeparator
                    or System.Globalization.UnicodeCategory.PrivateUse
                    or System.Globalization.UnicodeCategory.OtherNotAssigned);
            kept.Append(rune.Value is '\t' ? " " : plain ? rune.ToString() : rune.Value is '\r' ? "" : "?");
        }

        return kept.ToString().Trim();
    }

    private static string CutTo(string line, int bytes)
    {
        if (Encoding.UTF8.GetByteCount(line) <= bytes)
        {
            return line;
        }

        int length = 0;
        int used = 0;
        foreach (Rune rune in line.EnumerateRunes())
        {
            if (used + rune.Utf8SequenceLength > bytes)
            {
                break;
            }

            used += rune.Utf8SequenceLength;
            length += rune.Utf16SequenceLength;
        }

        return line[..length];
    }

    /// <summary>Where a clone lies is of no use to a developer.</summary>
    [GeneratedRegex(@" in /[^\s:]*/cache/vcs/[0-9a-f]{64}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex CachePath();

    /// <summary>
    /// A password may hold any character but a blank, a slash and an at sign. The pattern begins at the colon, not at
    /// the scheme's first letter, so that a flood of letters takes linear time.
    /// </summary>
    [GeneratedRegex(@"://[^/\s""']*@", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex UserInfo();

    [GeneratedRegex(@"(?<=[?&])(?<name>[A-Za-z_-]*(?:token|secret|password|signature|key|auth))=[^&\s""']+",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Secret();

    [GeneratedRegex(@"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Escape();
}
