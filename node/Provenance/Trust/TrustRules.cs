using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Provenance.Trust;

/// <summary>What it takes for bytes of others to be believed: <c>[pool] quorum</c> and <c>namespaces</c>.</summary>
internal sealed class TrustRules
{
    /// <summary>More organizations than a pool is built for.</summary>
    public const int MaxQuorum = 100;

    /// <summary>Each decision tries them all.</summary>
    public const int MaxNamespaces = 200;

    private readonly (string Pattern, PrefixPatterns Paths, string Org)[] namespaces;

    /// <param name="quorum">Organizations that must have observed the same hashes, at least 1.</param>
    /// <param name="namespaces">A pattern as GOPRIVATE has it, and the organization that it belongs to.</param>
    public TrustRules(int quorum, IEnumerable<KeyValuePair<string, string>> namespaces)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quorum, 1);
        Quorum = quorum;
        this.namespaces =
        [
            .. namespaces.OrderByDescending(static pair => pair.Key.Length).ThenBy(static pair => pair.Key, StringComparer.Ordinal)
                .Select(static pair => (pair.Key, new PrefixPatterns(pair.Key), pair.Value)),
        ];
    }

    public int Quorum { get; }

    /// <summary>The longest pattern that has a module path, and whose it is; null for a path that belongs to nobody.</summary>
    public (string Pattern, string Org)? OwnerOf(string path)
    {
        foreach (var (pattern, paths, org) in namespaces)
        {
            if (paths.Matches(path))
            {
                return (pattern, org);
            }
        }

        return null;
    }
}
