using System.Text;
using Athens.Federation.Node.Host;

namespace Athens.Federation.Tests.Host;

/// <summary>A folder of its own with a peers.toml in it.</summary>
public sealed class ConfigurationFixture : IDisposable
{
    private const string FileName = "peers.toml";

    public string Folder { get; } = Directory.CreateTempSubdirectory("athens-configuration-").FullName;

    internal static ConfigurationFlags NoFlags { get; } = new(null, null, null);

    internal ConfigurationResult LoadText(string toml, IReadOnlyDictionary<string, string>? environment = null, ConfigurationFlags? flags = null) =>
        LoadBytes(Encoding.UTF8.GetBytes(toml), environment, flags);

    internal ConfigurationResult LoadBytes(byte[] toml, IReadOnlyDictionary<string, string>? environment = null, ConfigurationFlags? flags = null)
    {
        File.WriteAllBytes(Path.Combine(Folder, FileName), toml);
        return Load(FileName, environment, flags);
    }

    internal ConfigurationResult Load(string? file, IReadOnlyDictionary<string, string>? environment = null, ConfigurationFlags? flags = null) =>
        ConfigurationLoader.Load(file, environment ?? Environment(), flags ?? NoFlags, Folder);

    /// <summary>An environment with HOME and what is given.</summary>
    internal static Dictionary<string, string> Environment(params (string Name, string Value)[] variables) =>
        variables.Prepend(("HOME", "/home/gopher")).ToDictionary(variable => variable.Item1, variable => variable.Item2, StringComparer.Ordinal);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
