namespace Athens.Federation.Node.Host;

/// <summary>"Did you mean": the nearest of the names that exist.</summary>
internal static class ConfigurationSuggestion
{
    /// <summary>No name of ours is longer; bounds the work on a hostile file.</summary>
    private const int MaxLength = 64;

    /// <summary><c>; did you mean "x"?</c>, or nothing when no name is near.</summary>
    public static string For(string written, IEnumerable<string> names) =>
        Nearest(written, names) is { } name ? $"; did you mean {name}?" : string.Empty;

    public static string? Nearest(string written, IEnumerable<string> names)
    {
        if (written.Length > MaxLength)
        {
            return null;
        }

        var plain = Plain(written);
        var best = names
            .Select(name => (Name: name, Distance: Distance(plain, Plain(name))))
            .OrderBy(candidate => candidate.Distance)
            .FirstOrDefault();

        // A third of the letters may differ: "wrokers" is near "workers", "foo" is near nothing.
        return best.Name is not null && best.Distance <= Math.Max(1, best.Name.Length / 3) ? best.Name : null;
    }

    private static string Plain(string name) => name.Replace('-', '_').ToLowerInvariant();

    /// <summary>Letters to put in, take out, change or swap with their neighbour.</summary>
    private static int Distance(string left, string right)
    {
        var rows = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++)
        {
            for (var j = 0; j <= right.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    rows[i, j] = i + j;
                    continue;
                }

                var change = rows[i - 1, j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
                rows[i, j] = Math.Min(change, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }

        return rows[left.Length, right.Length];
    }
}
