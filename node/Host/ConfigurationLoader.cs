using Athens.Federation.Node.Discovery;
using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Storage;
using Athens.Federation.Node.Telemetry;
using Athens.Federation.Node.Upstream;

namespace Athens.Federation.Node.Host;

/// <summary>Makes the configuration: a flag wins over the environment, it over the file, the file over the default.</summary>
internal static class ConfigurationLoader
{
    /// <summary>The file that is read from the current folder when none is named.</summary>
    public const string DefaultFile = "peers.toml";

    /// <summary>Reads everything and reports every error. Never throws for what a user wrote.</summary>
    /// <param name="filePath">A file that must exist; null: <c>ATHENS_CONFIG</c>, else <c>peers.toml</c> if there is one.</param>
    /// <param name="environment">The process's environment.</param>
    /// <param name="flags">The command line's flags.</param>
    public static ConfigurationResult Load(
        string? filePath, IReadOnlyDictionary<string, string> environment, ConfigurationFlags flags) =>
        Load(filePath, environment, flags, Environment.CurrentDirectory);

    /// <summary>As above, with a current folder of the caller's choice.</summary>
    public static ConfigurationResult Load(
        string? filePath, IReadOnlyDictionary<string, string> environment, ConfigurationFlags flags, string currentFolder)
    {
        var data = ConfigurationDefaults.DataFolder(environment);
        var binder = new ConfigurationBinder(Defaults(data));
        var folders = new ConfigurationFolders(currentFolder, ConfigurationDefaults.Home(environment));
        BindFile(FileName(filePath, environment), IsNamed(filePath, environment), folders, binder);
        ConfigurationEnvironment.Bind(environment, folders, binder);
        BindFlag("--data", flags.Data, ConfigurationSettings.Data, folders, binder);
        BindFlag("--listen", flags.Listen, ConfigurationSettings.Listen, folders, binder);
        BindFlag("--peer-listen", flags.PeerListen, ConfigurationSettings.PeerListen, folders, binder);
        BindFlag("--name", flags.Name, ConfigurationSettings.Name, folders, binder);
        BindPrivate(environment, folders, binder);
        if (data is null && !binder.IsSet(ConfigurationSettings.Data))
        {
            binder.Fail("--data", 0, "[node] data must be set: there is no HOME to take its default from");
        }

        return binder.Result();
    }

    /// <summary>The file that is read: the one named, that of <c>ATHENS_CONFIG</c>, or <see cref="DefaultFile"/>.</summary>
    public static string FileName(string? filePath, IReadOnlyDictionary<string, string> environment) =>
        NonEmpty(filePath) ?? NonEmpty(environment.GetValueOrDefault(ConfigurationEnvironment.FileVariable)) ?? DefaultFile;

    public static string FilePath(string name, string currentFolder) =>
        Path.GetFullPath(name.Replace("\0", "?", StringComparison.Ordinal), currentFolder);

    /// <summary>What holds where nothing is set.</summary>
    public static NodeConfiguration Defaults(string? dataFolder) => new(
        new NodeOptions { Name = ConfigurationDefaults.NodeName(Environment.MachineName), Data = dataFolder ?? string.Empty },
        new UpstreamOptions(),
        new RetrievalOptions(),
        new StorageOptions(),
        new TelemetryOptions(),
        new FederationOptions(),
        [],
        new DiscoveryOptions());

    private static bool IsNamed(string? filePath, IReadOnlyDictionary<string, string> environment) =>
        (NonEmpty(filePath) ?? NonEmpty(environment.GetValueOrDefault(ConfigurationEnvironment.FileVariable))) is not null;

    private static void BindFile(string name, bool mustExist, ConfigurationFolders folders, ConfigurationBinder binder)
    {
        var path = FilePath(name, folders.Base);
        if (!mustExist && !Path.Exists(path))
        {
            return;
        }

        var bytes = ConfigurationFile.Read(path, out var problem);
        if (bytes is null)
        {
            binder.Fail(name, 0, $"the file {problem}");
            return;
        }

        var (entries, errors) = ConfigurationFile.Parse(bytes, name);
        foreach (var error in errors)
        {
            binder.Fail(name, error.Line, error.Message);
        }

        new ConfigurationFileBinding(binder, name, folders with { Base = Path.GetDirectoryName(path) ?? folders.Base }).Bind(entries, isWhole: errors.Count == 0);
        binder.SortErrors();
    }

    /// <summary>
    /// What Go's own settings call private is private to peers too, unless [pool] private says otherwise: those of the
    /// <c>go</c> that fetches it, else those of the user who started the node.
    /// </summary>
    private static void BindPrivate(IReadOnlyDictionary<string, string> environment, ConfigurationFolders folders, ConfigurationBinder binder)
    {
        const string variable = "GOPRIVATE";
        if (binder.IsSet(ConfigurationSettings.Private))
        {
            return;
        }

        if (binder.Configuration.Upstream.Env.TryGetValue(variable, out var patterns))
        {
            binder.Set(ConfigurationSettings.Private, ConfigurationValue.OfText(patterns, folders), $"[upstream] env {variable}", 0);
        }
        else if (NonEmpty(environment.GetValueOrDefault(variable)) is { } inherited)
        {
            binder.Set(ConfigurationSettings.Private, ConfigurationValue.OfText(inherited, folders), variable, 0);
        }
    }

    private static void BindFlag(
        string flag, string? text, ConfigurationSetting setting, ConfigurationFolders folders, ConfigurationBinder binder)
    {
        if (NonEmpty(text) is { } given)
        {
            binder.Set(setting, ConfigurationValue.OfText(given, folders), flag, 0);
        }
    }

    private static string? NonEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
