using System.Globalization;
using Athens.Federation.Node.Provenance.Pool;

namespace Athens.Federation.Node.Federation.Pools;

/// <summary>A change of the pool, in words for people who are to sign it.</summary>
internal static class PoolChange
{
    /// <summary>In what a proposed root differs from the present one.</summary>
    public static string Describe(PoolRoot from, PoolRoot to)
    {
        List<string> changes =
        [
            .. to.Orgs.Where(org => from.Find(org.Name) is null).Select(org => $"{org.Name} joins with key {org.Key}"),
            .. from.Orgs.Where(org => to.Find(org.Name) is null).Select(org => $"{org.Name} is removed"),
            .. to.Orgs.Where(org => from.Find(org.Name) is { } old && !old.Key.Equals(org.Key)).Select(org => $"{org.Name} gets the key {org.Key}"),
            .. to.Namespaces.Where(pair => from.Namespaces.GetValueOrDefault(pair.Key) != pair.Value).Select(pair => $"{pair.Key} belongs to {pair.Value}"),
            .. from.Namespaces.Keys.Where(pattern => !to.Namespaces.ContainsKey(pattern)).Select(pattern => $"{pattern} belongs to nobody"),
        ];
        if (from.Quorum != to.Quorum)
        {
            changes.Add($"quorum {from.Quorum} becomes {to.Quorum}");
        }

        if (from.Threshold != to.Threshold)
        {
            changes.Add($"threshold {from.Threshold} becomes {to.Threshold}");
        }

        return changes.Count == 0 ? $"it is good until {to.Expires.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}" : string.Join("; ", changes);
    }
}
