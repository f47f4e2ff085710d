using Athens.Federation.Node.Provenance.Trust;

namespace Athens.Federation.Node.Host;

/// <summary>The <c>namespaces</c> table: a pattern of module paths, and the organization that it belongs to.</summary>
internal static class ConfigurationNamespaces
{
    public static readonly ConfigurationTable Table = new(
        TrustRules.MaxNamespaces,
        "patterns",
        "must be PATTERN=ORG pairs separated by ;, such as \"corp.example/*=acme\"",
        ProblemOfPattern,
        org => org.Length == 0 ? "must name an organization" : ConfigurationPeers.ProblemOfOrg(org));

    /// <summary>The <c>share</c> table: a pattern of private module paths, and the organizations that may have them.</summary>
    public static readonly ConfigurationTable Shares = new(
        TrustRules.MaxNamespaces,
        "patterns",
        "must be PATTERN=ORG,ORG pairs separated by ;, such as \"corp.example/lib/*=globex,initech\"",
        ProblemOfPattern,
        orgs => orgs.Split(',', StringSplitOptions.TrimEntries) is var names && names.Any(static name => name.Length == 0)
            ? "must name organizations, with a comma between two"
            : names.Select(ConfigurationPeers.ProblemOfOrg).FirstOrDefault(static problem => problem is not null));

    private static string? ProblemOfPattern(string pattern) =>
        pattern.Trim('/').Length > 0 && !pattern.Contains(',', StringComparison.Ordinal) && ConfigurationPatterns.ProblemOf(pattern) is null
            ? null
            : "is not one pattern such as \"corp.example/*\"";
}
