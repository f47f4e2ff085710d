using Athens.Federation.Node.Federation;

namespace Athens.Federation.Node.Host;

/// <summary>Collects values in the order of precedence, least first, and every error on the way.</summary>
internal sealed class ConfigurationBinder(NodeConfiguration defaults)
{
    /// <summary>Errors that are told: nobody reads on after so many.</summary>
    public const int MaxErrors = 100;

    private readonly List<ConfigurationError> errors = [];
    private readonly Dictionary<ConfigurationSetting, string> origins = [];
    private IReadOnlyList<ConfigurationEntry> peers = [];

    /// <summary>What was set so far.</summary>
    public NodeConfiguration Configuration { get; private set; } = defaults;

    public void Fail(string where, int line, string message)
    {
        if (errors.Count <= MaxErrors)
        {
            errors.Add(new(where, line, errors.Count < MaxErrors ? message : "there are more errors, not listed"));
        }
    }

    /// <summary>Sets a key, or reports why it cannot be set so.</summary>
    public void Set(ConfigurationSetting setting, ConfigurationValue value, string where, int line)
    {
        var configuration = Configuration;
        if (setting.Apply(value, ref configuration) is { } problem)
        {
            Fail(where, line, $"[{setting.Section}] {setting.Key} {problem}");
        }
        else
        {
            Configuration = configuration;
            origins[setting] = line > 0 ? $"{where}:{line}" : where;
        }
    }

    /// <summary>Sets all peers, with what is shown of each.</summary>
    public void SetPeers(IReadOnlyList<PeerOptions> options, IReadOnlyList<ConfigurationEntry> entries)
    {
        Configuration = Configuration with { Peers = options };
        peers = entries;
    }

    public bool IsSet(ConfigurationSetting setting) => origins.ContainsKey(setting);

    /// <summary>Errors so far in the order of their lines: syntax was read before meaning.</summary>
    public void SortErrors()
    {
        var sorted = errors.OrderBy(error => error.Line == 0 ? int.MaxValue : error.Line).ToList();
        errors.Clear();
        errors.AddRange(sorted);
    }

    public ConfigurationResult Result()
    {
        if (errors.Count > 0)
        {
            return new(null, errors);
        }

        List<ConfigurationEntry> entries = [];
        foreach (var setting in ConfigurationSettings.All)
        {
            entries.Add(new(setting.Section, setting.Key, setting.Show(Configuration), origins.GetValueOrDefault(setting, "default")));
        }

        return new(Configuration, []) { Entries = entries, PeerEntries = peers };
    }
}
