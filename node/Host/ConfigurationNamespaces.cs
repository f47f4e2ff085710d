using Athens.Federation.Node.Provenance.Trust;

namespace Athens.Federation.Node.Host;

/// <summary>The <c>namespaces</c> table: a pattern of module paths, and the organization that it belongs to.</summary>
internal static class ConfigurationNamespaces
{
    public static readonly ConfigurationTable Table = new(
        TrustRules.MaxNamespaces,
        "patterns",
        "must be PATTERN=ORG pairs separated by ;, such as \"corp.example/*=acme\"",
        pattern => pattern.Trim('/').Length > 0 && !pattern.Contains(',', StringComparison.Ordinal) && ConfigurationPatterns.ProblemOf(pattern) is null
            ? null
            : "is not one pattern such as \"corp.example/*\"",
        org => org.Length == 0 ? "must name an organization" : ConfigurationPeers.ProblemOfOrg(org));
}
