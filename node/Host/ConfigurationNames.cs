using Athens.Federation.Node.Discovery.Resolving;

namespace Athens.Federation.Node.Host;

/// <summary>Keys that have to do with DNS.</summary>
internal static class ConfigurationNames
{
    /// <summary>RFC 1035 section 2.3.4, less what is put before it.</summary>
    private const int LongestDomain = 230;

    private const int LongestLabel = 63;

    public static string? ProblemOfDomain(string domain) =>
        domain.Length == 0 || (domain.Length <= LongestDomain && domain.Contains('.', StringComparison.Ordinal) && domain.Split('.').All(IsLabel))
            ? null
            : "must be a domain such as \"example.org\": _athens-pool._tcp before it is understood";

    public static string? ProblemOfResolver(string resolver) =>
        resolver.Length == 0 || NameServers.Parse(resolver) is not null ? null : "must be the address of a name server, such as \"192.0.2.53\" or \"[::1]:5353\"";

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= LongestLabel && label.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-') && !label.StartsWith('-') && !label.EndsWith('-');
}
