using System.Collections;
using Athens.Federation.Node.Storage;

namespace Athens.Federation.Node.Host;

/// <summary>Where a configuration comes from, so that it can be read again: the file, and what the process was started with.</summary>
internal sealed class ConfigurationSource
{
    private readonly string? named;
    private readonly IReadOnlyDictionary<string, string> environment;
    private readonly ConfigurationFlags flags;
    private readonly string currentFolder;

    /// <param name="named">The file of <c>--config</c>, or null.</param>
    /// <param name="environment">The process's environment.</param>
    /// <param name="flags">The command line's flags.</param>
    /// <param name="currentFolder">What a relative name starts from.</param>
    public ConfigurationSource(
        string? named, IReadOnlyDictionary<string, string> environment, ConfigurationFlags flags, string currentFolder)
    {
        this.named = named;
        this.environment = environment;
        this.flags = flags;
        this.currentFolder = currentFolder;
        Name = ConfigurationLoader.FileName(named, environment);
    }

    /// <summary>The file as it was named.</summary>
    public string Name { get; }

    /// <summary>The process's own environment and current folder.</summary>
    public static ConfigurationSource OfProcess(string? named, ConfigurationFlags flags)
    {
        Dictionary<string, string> variables = new(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            variables[(string)entry.Key] = (string?)entry.Value ?? "";
        }

        return new(named, variables, flags, Environment.CurrentDirectory);
    }

    public ConfigurationResult Load() => ConfigurationLoader.Load(named, environment, flags, currentFolder);

    /// <summary>
    /// The file's identity and state, null while there is none. A link is followed: what editors and orchestrators put in
    /// a file's place by renaming is another file.
    /// </summary>
    public FileStamp? Stamp() => FileSystem.StampOf(ConfigurationLoader.FilePath(Name, currentFolder));
}
