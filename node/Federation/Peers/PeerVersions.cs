using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>What one peer lists of a path; nothing of it is confirmed.</summary>
internal sealed record PeerVersions(Peer Peer, IReadOnlyList<ModuleVersion> Versions)
{
    /// <summary>Versions that one peer is believed to list (the newest): few modules have more, and each has to be confirmed.</summary>
    public const int Most = 1024;

    /// <summary>What is no version of this path is left out, as are pseudo-versions, which do not belong into lists.</summary>
    public static PeerVersions Of(Peer peer, string path, IEnumerable<string> told)
    {
        List<ModuleVersion> versions = [];
        foreach (string version in told)
        {
            if (!SemanticVersion.IsPseudo(version) && ModuleVersion.Create(path, version, out _) is { } module)
            {
                versions.Add(module);
            }
        }

        versions.Sort(static (left, right) => SemanticVersion.Compare(right.Version, left.Version));
        return new PeerVersions(peer, [.. versions.Distinct().Take(Most)]);
    }
}
