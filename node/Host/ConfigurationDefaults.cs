using System.Text;

namespace Athens.Federation.Node.Host;

/// <summary>The defaults that depend on the machine.</summary>
internal static class ConfigurationDefaults
{
    /// <summary>DNS's bound for one label; the name goes into DNS-SD instance names later.</summary>
    public const int MaxNameLength = 63;

    private const string FallbackName = "athens";

    /// <summary>A machine's host name as a node's name: other characters become hyphens.</summary>
    public static string NodeName(string machineName)
    {
        var name = new StringBuilder(machineName.Length);
        foreach (var c in machineName)
        {
            name.Append(IsOfName(c) ? c : '-');
        }

        var trimmed = name.ToString().Trim('-', '.', '_');
        trimmed = trimmed[..Math.Min(trimmed.Length, MaxNameLength)].TrimEnd('-', '.', '_');
        return trimmed.Length == 0 ? FallbackName : trimmed;
    }

    /// <summary>What is wrong with a name, beginning with "must"; null when it is safe in headers, logs and file names.</summary>
    public static string? ProblemOfName(string name, int maxLength) =>
        name.Length > 0 && name.Length <= maxLength && name.All(IsOfName)
        && char.IsAsciiLetterOrDigit(name[0]) && char.IsAsciiLetterOrDigit(name[^1])
            ? null
            : $"must be 1 to {maxLength} letters, digits, hyphens, dots and underscores, with a letter or digit at both ends";

    public static bool IsOfName(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_';

    /// <summary>
    /// <c>$XDG_DATA_HOME/athens</c>, else <c>~/.local/share/athens</c>; null without a home. A relative XDG_DATA_HOME
    /// is ignored (XDG Base Directory Specification).
    /// </summary>
    public static string? DataFolder(IReadOnlyDictionary<string, string> environment)
    {
        if (environment.TryGetValue("XDG_DATA_HOME", out var shared) && Path.IsPathFullyQualified(shared))
        {
            return Path.Combine(shared, "athens");
        }

        return Home(environment) is { } home ? Path.Combine(home, ".local", "share", "athens") : null;
    }

    public static string? Home(IReadOnlyDictionary<string, string> environment) =>
        environment.TryGetValue("HOME", out var home) && Path.IsPathFullyQualified(home) ? home : null;
}
