namespace Athens.Federation.Node.Host;

/// <summary>One key: how it is read, where it goes, and how it is shown.</summary>
internal abstract class ConfigurationSetting(string section, string key)
{
    public string Section { get; } = section;

    public string Key { get; } = key;

    /// <summary>The environment variable: <c>ATHENS_SECTION_KEY</c>.</summary>
    public string Variable { get; } = $"{ConfigurationSettings.VariablePrefix}{section}_{key}".ToUpperInvariant();

    /// <summary>What the entries of a table of free names may be (<c>env</c>); null for a key with a value of its own.</summary>
    public ConfigurationTable? Table { get; init; }

    /// <summary>Reads the value into the configuration; what is wrong with it begins with "must", else null.</summary>
    public abstract string? Apply(ConfigurationValue value, ref NodeConfiguration configuration);

    /// <summary>The value as TOML, secrets masked.</summary>
    public abstract string Show(NodeConfiguration configuration);
}

internal sealed class ConfigurationSetting<T>(
    string section,
    string key,
    Func<ConfigurationValue, ConfigurationReading<T>> read,
    Func<NodeConfiguration, T, NodeConfiguration> set,
    Func<NodeConfiguration, string> show) : ConfigurationSetting(section, key)
{
    public override string? Apply(ConfigurationValue value, ref NodeConfiguration configuration)
    {
        var reading = read(value);
        if (reading.Problem is null)
        {
            configuration = set(configuration, reading.Value!);
        }

        return reading.Problem;
    }

    public override string Show(NodeConfiguration configuration) => show(configuration);
}
