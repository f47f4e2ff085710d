namespace Athens.Federation.Node.Host;

/// <summary>
/// GOPRIVATE's syntax (<c>go help module-private</c>): comma-separated globs as Go's path.Match takes them. Go silently
/// ignores a glob that it does not understand; here that would give away what somebody meant to keep, so it is an error.
/// </summary>
internal static class ConfigurationPatterns
{
    /// <summary>Each look-up tries them all.</summary>
    public const int MaxCount = 200;

    /// <summary>What is wrong with a list, beginning with "must"; null when all is well.</summary>
    public static string? ProblemOf(string list)
    {
        var globs = list.Split(',');
        if (globs.Length > MaxCount)
        {
            return $"must have at most {MaxCount} patterns";
        }

        foreach (var (index, glob) in globs.Index())
        {
            if (glob != glob.Trim() || !IsGlob(glob))
            {
                return $"must be globs separated by commas alone, such as \"*.corp.example,git.example.com/*\": entry {index + 1} "
                    + $"(\"{ConfigurationSecrets.Printable(glob)}\") is none";
            }
        }

        return null;
    }

    private static bool IsGlob(string glob)
    {
        for (var i = 0; i < glob.Length; i++)
        {
            if (glob[i] == '[' && !TrySkipClass(glob, ref i))
            {
                return false;
            }

            if (glob[i] == '\\' && ++i == glob.Length)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>From [ to its ]: ranges of characters, at least one, each of which a backslash may quote.</summary>
    private static bool TrySkipClass(string glob, ref int i)
    {
        i += i + 1 < glob.Length && glob[i + 1] == '^' ? 2 : 1;
        for (var count = 0; i < glob.Length; count++)
        {
            if (glob[i] == ']' && count > 0)
            {
                return true;
            }

            if (!TrySkipCharacter(glob, ref i) || (i < glob.Length && glob[i] == '-' && (++i == glob.Length || !TrySkipCharacter(glob, ref i))))
            {
                return false;
            }
        }

        return false;
    }

    private static bool TrySkipCharacter(string glob, ref int i)
    {
        if (glob[i] is '-' or ']' || (glob[i] == '\\' && ++i == glob.Length))
        {
            return false;
        }

        i++;
        return true;
    }
}
