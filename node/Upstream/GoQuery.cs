using System.Globalization;

namespace Athens.Federation.Node.Upstream;

/// <summary>Which query texts are handed to <c>go</c>. They come from anyone who can reach the node.</summary>
internal static class GoQuery
{
    /// <summary>Characters: longer than any branch name that forges accept (GitHub: 255 bytes).</summary>
    public const int MaxLength = 255;

    /// <summary>Queries that mean something only beside a main module's requirements.</summary>
    private static readonly string[] Relative = ["upgrade", "patch", "none"];

    /// <summary>
    /// Null when the query is <c>latest</c>, or could be a branch, tag, commit or version; else one sentence. Go's own rule
    /// for what a proxy can be asked (golang.org/x/mod/module.EscapeVersion: no slash, no <c>!</c>, no space) and, beyond
    /// it, nothing that <c>go</c> or git could take for an option, an operator or a range.
    /// </summary>
    public static string? Check(string query)
    {
        if (query.Length is 0 or > MaxLength)
        {
            return $"a version query has 1 to {MaxLength} characters";
        }

        if (Relative.Contains(query, StringComparer.Ordinal))
        {
            return $"the query \"{query}\" has a meaning only in your own module; go answers it itself";
        }

        if (query[0] is '-' or '.' || query[^1] == '.' || query.Contains("..", StringComparison.Ordinal))
        {
            return "disallowed version string";
        }

        foreach (char c in query)
        {
            if (!IsAllowed(c))
            {
                return "disallowed version string";
            }
        }

        return null;
    }

    private static bool IsAllowed(char c) =>
        char.IsAscii(c)
            ? char.IsAsciiLetterOrDigit(c) || "-._+=,#%&()".Contains(c, StringComparison.Ordinal)
            : char.GetUnicodeCategory(c) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter
                or UnicodeCategory.OtherLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter;
}
