using System.Buffers;
using System.Text.Json;
using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Retrieval;

/// <summary>Answers to lists and queries out of what is held: pure functions of the facts.</summary>
internal static class HeldVersions
{
    /// <summary>Go takes a query for a commit from this many hex digits on (codehost.minHashDigits).</summary>
    private const int MinHashDigits = 7;

    private const int FullHashDigits = 40;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private const int PseudoTimeDigits = 14;

    private const string Incompatible = "+incompatible";

    /// <summary>
    /// The union of two lists, sorted; versions that Go would choke on or that do not belong into a list (malformed,
    /// a major that does not fit the path, pseudo-versions) are left out.
    /// </summary>
    public static VersionList Merge(string path, IEnumerable<string> some, IEnumerable<string> others)
    {
        HashSet<string> versions = new(StringComparer.Ordinal);
        foreach (string version in some.Concat(others))
        {
            if (!versions.Contains(version)
                && !SemanticVersion.IsPseudo(version)
                && ModulePath.CheckVersion(path, version) is null)
            {
                versions.Add(version);
            }
        }

        string[] sorted = [.. versions];
        Array.Sort(sorted, Order);
        return new VersionList(sorted);
    }

    /// <summary>What <c>latest</c> is among held versions: a release before a pre-release before a pseudo-version.</summary>
    public static ModuleFacts? Latest(IReadOnlyList<ModuleFacts> held)
    {
        ModuleFacts? release = Highest(held.Where(IsRelease));
        if (release is not null && IsIncompatible(release))
        {
            // As Go has it: once the highest compatible release has a go.mod, +incompatible ones are the past.
            ModuleFacts? compatible = Highest(held.Where(facts => IsRelease(facts) && !IsIncompatible(facts)));
            release = compatible is not null && HasOwnGoMod(compatible) ? compatible : release;
        }

        return release
            ?? Highest(held.Where(facts => !SemanticVersion.IsPseudo(facts.Module.Version)))
            ?? held.MaxBy(facts => PseudoTime(facts.Module.Version), StringComparer.Ordinal);
    }

    /// <summary>Which of two versions is the latest: a release before a pre-release before a pseudo-version.</summary>
    public static bool IsLater(string one, string other)
    {
        int order = Rank(one).CompareTo(Rank(other));
        return order != 0 ? order > 0
            : SemanticVersion.IsPseudo(one) ? string.CompareOrdinal(PseudoTime(one), PseudoTime(other)) > 0
            : Order(one, other) > 0;
    }

    /// <summary>The held version that a commit, tag or branch means; null when none does or more than one commit would.</summary>
    public static ModuleFacts? Find(IReadOnlyList<ModuleFacts> held, string query)
    {
        List<(ModuleFacts Facts, string Ref, string Hash)> origins = [.. held.Select(WithOrigin)];
        List<ModuleFacts> tagged = [.. origins.Where(one => one.Ref == "refs/tags/" + query).Select(one => one.Facts)];
        if (tagged.Count > 0)
        {
            return Highest(tagged);
        }

        List<ModuleFacts> branch = [.. origins.Where(one => one.Ref == "refs/heads/" + query).Select(one => one.Facts)];
        return branch.Count > 0 ? branch.MaxBy(facts => facts.StoredAt) : FindCommit(origins, query);
    }

    private static ModuleFacts? FindCommit(List<(ModuleFacts Facts, string Ref, string Hash)> origins, string query)
    {
        if (query.Length is < MinHashDigits or > FullHashDigits || query.AsSpan().ContainsAnyExcept(HexDigits))
        {
            return null;
        }

        List<ModuleFacts> matches = [];
        HashSet<string> commits = new(StringComparer.Ordinal);
        foreach ((ModuleFacts facts, _, string hash) in origins)
        {
            string revision = SemanticVersion.PseudoRevision(facts.Module.Version) ?? "";
            bool byHash = hash.StartsWith(query, StringComparison.Ordinal);
            bool byRevision = hash.Length == 0 && revision.Length > 0
                && (revision.StartsWith(query, StringComparison.Ordinal) || query.StartsWith(revision, StringComparison.Ordinal));
            if (byHash || byRevision)
            {
                matches.Add(facts);
                // Compared by as many digits as a pseudo-version has: one commit may be held under both kinds of name.
                commits.Add(byHash ? hash[..Math.Min(hash.Length, 12)] : revision);
            }
        }

        return commits.Count == 1 ? Latest(matches) : null;
    }

    private static (ModuleFacts Facts, string Ref, string Hash) WithOrigin(ModuleFacts facts)
    {
        if (facts.Origin is null)
        {
            return (facts, "", "");
        }

        try
        {
            using JsonDocument origin = JsonDocument.Parse(facts.Origin);
            return (facts, Text(origin.RootElement, "Ref"), Text(origin.RootElement, "Hash"));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return (facts, "", "");
        }
    }

    private static string Text(JsonElement origin, string name) =>
        origin.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() ?? ""
            : "";

    private static ModuleFacts? Highest(IEnumerable<ModuleFacts> facts) =>
        facts.MaxBy(one => one.Module.Version, Comparer<string>.Create(Order));

    private static int Rank(string version) =>
        SemanticVersion.IsPseudo(version) ? 0 : SemanticVersion.Prerelease(version).Length == 0 ? 2 : 1;

    private static int Order(string left, string right)
    {
        int order = SemanticVersion.Compare(left, right);
        return order != 0 ? order : string.CompareOrdinal(left, right);
    }

    private static bool IsRelease(ModuleFacts facts) =>
        SemanticVersion.Prerelease(facts.Module.Version).Length == 0;

    private static bool IsIncompatible(ModuleFacts facts) =>
        facts.Module.Version.EndsWith(Incompatible, StringComparison.Ordinal);

    private static bool HasOwnGoMod(ModuleFacts facts) =>
        !string.Equals(facts.ModHash, DirHash.OfGoMod(GoModFile.Synthesized(facts.Module.Path)), StringComparison.Ordinal);

    /// <summary>The yyyymmddhhmmss of a pseudo-version (it ends in time-revision); its text order is the order in time.</summary>
    private static string PseudoTime(string version)
    {
        int end = version.LastIndexOf('-');
        return end >= PseudoTimeDigits ? version[(end - PseudoTimeDigits)..end] : "";
    }
}
