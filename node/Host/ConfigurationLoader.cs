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
        var fromEnvironment = NonEmpty(environment.GetValueOrDefault(ConfigurationEnvironment.FileVariable));
        BindFile(NonEmpty(filePath) ?? fromEnvironment, folders, binder);
        ConfigurationEnvironment.Bind(environment, folders, binder);
        BindFlag("--data", flags.Data, ConfigurationSettings.Data, folders, binder);
        BindFlag("--listen", flags.Listen, ConfigurationSettings.Listen, folders, binder);
        BindFlag("--name", flags.Name, ConfigurationSettings.Name, folders, binder);
        if (data is null && !binder.IsSet(ConfigurationSettings.Data))
        {
            binder.Fail("--data", 0, "[node] data must be set: there is no HOME to take its default from");
        }

        return binder.Result();
    }

    /// <summary>What holds where nothing is set.</summary>
    public static NodeConfiguration Defaults(string? dataFolder) => new(
        new NodeOptions { Name = ConfigurationDefaults.NodeName(Environment.MachineName), Data = dataFolder ?? string.Empty },
        new UpstreamOptions(),
        new RetrievalOptions(),
        new StorageOptions(),
        new TelemetryOptions());

    private static void BindFile(string? named, ConfigurationFolders folders, ConfigurationBinder binder)
    {
        var name = named ?? DefaultFile;
        var path = Path.GetFullPath(name.Replace("\0", "?", StringComparison.Ordinal), folders.Base);
        if (named is null && !Path.Exists(path))
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

        new ConfigurationFileBinding(binder, name, folders with { Base = Path.GetDirectoryName(path) ?? folders.Base }).Bind(entries);
        binder.SortErrors();
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
