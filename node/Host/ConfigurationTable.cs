namespace Athens.Federation.Node.Host;

/// <summary>A key that is a table of strings under free names.</summary>
/// <param name="MaxCount">Entries.</param>
/// <param name="Entries">What they are called in messages.</param>
/// <param name="Expected">What the environment's text must be, beginning with "must".</param>
/// <param name="ProblemOfName">What is wrong with a name, to follow it in a sentence; null when all is well.</param>
/// <param name="ProblemOfValue">What is wrong with a value, beginning with "must"; never shows it.</param>
internal sealed record ConfigurationTable(
    int MaxCount, string Entries, string Expected, Func<string, string?> ProblemOfName, Func<string, string?> ProblemOfValue)
{
    /// <summary>From the file a dictionary whose entries were checked one by one; from the environment <c>NAME=VALUE;NAME2=VALUE2</c>.</summary>
    public ConfigurationReading<IReadOnlyDictionary<string, string>> Read(ConfigurationValue value)
    {
        var entries = value.Content as IReadOnlyDictionary<string, string> ?? OfText(value);
        return entries switch
        {
            null => ConfigurationReading<IReadOnlyDictionary<string, string>>.Bad(
                value.IsText ? Expected : $"must be a table of strings, not {value.Kind}"),
            _ when entries.Count > MaxCount => ConfigurationReading<IReadOnlyDictionary<string, string>>.Bad($"must have at most {MaxCount} {Entries}"),
            _ => ConfigurationReading<IReadOnlyDictionary<string, string>>.Of(entries),
        };
    }

    private Dictionary<string, string>? OfText(ConfigurationValue value)
    {
        if (value is not { IsText: true, Content: string text })
        {
            return null;
        }

        var entries = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0 || ProblemOfName(pair[..equals]) is not null || ProblemOfValue(pair[(equals + 1)..]) is not null)
            {
                return null;
            }

            entries[pair[..equals]] = pair[(equals + 1)..];
        }

        return entries;
    }
}
