namespace Athens.Federation.Node.Host;

/// <summary>The <c>env</c> table: names of environment variables and their values, which are never printed.</summary>
internal static class ConfigurationVariables
{
    /// <summary>Well beyond what a <c>go</c> command is ever told; an environment has its bound in the kernel too.</summary>
    public const int MaxCount = 200;

    private const string Expected = "must be NAME=VALUE pairs separated by ;";

    public static bool IsName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    /// <summary>From the file a dictionary; from the environment <c>NAME=VALUE;NAME2=VALUE2</c>.</summary>
    public static ConfigurationReading<IReadOnlyDictionary<string, string>> Read(ConfigurationValue value)
    {
        var variables = value.Content as IReadOnlyDictionary<string, string> ?? OfText(value);
        return variables switch
        {
            null => ConfigurationReading<IReadOnlyDictionary<string, string>>.Bad(
                value.IsText ? Expected : $"must be a table of strings, not {value.Kind}"),
            { Count: > MaxCount } => ConfigurationReading<IReadOnlyDictionary<string, string>>.Bad($"must have at most {MaxCount} variables"),
            _ => ConfigurationReading<IReadOnlyDictionary<string, string>>.Of(variables),
        };
    }

    private static Dictionary<string, string>? OfText(ConfigurationValue value)
    {
        if (value is not { IsText: true, Content: string text })
        {
            return null;
        }

        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0 || !IsName(pair[..equals]) || pair.Contains('\0', StringComparison.Ordinal))
            {
                return null;
            }

            variables[pair[..equals]] = pair[(equals + 1)..];
        }

        return variables;
    }
}
