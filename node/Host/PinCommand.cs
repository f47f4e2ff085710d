using Athens.Federation.Node.Federation.Neighbours;

namespace Athens.Federation.Node.Host;

/// <summary>How `athens peers pin` is typed by who runs this node.</summary>
internal static class PinCommand
{
    public static PinWords Of(string dataFolder)
    {
        var environment = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? "", StringComparer.Ordinal);
        var isDefault = string.Equals(ConfigurationDefaults.DataFolder(environment), dataFolder, StringComparison.Ordinal);
        return new PinWords(Program(environment.GetValueOrDefault("PATH", "")), isDefault ? "" : $"--data {dataFolder}");
    }

    /// <summary>The bare name where the shell finds it, else the path.</summary>
    private static string Program(string path)
    {
        const string name = "athens";
        return Environment.ProcessPath is { } program && !path.Split(Path.PathSeparator).Contains(Path.GetDirectoryName(program), StringComparer.Ordinal) ? program : name;
    }
}
