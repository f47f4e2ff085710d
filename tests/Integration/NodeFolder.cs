using System.Globalization;
using System.Text;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Integration;

/// <summary>A node's data folder and peers.toml in a folder of a test's own; nodes started from it one after the other find what the last one left.</summary>
internal sealed class NodeFolder : IDisposable
{
    private readonly TemporaryFolder folder = new("node");

    public string Data => Path.Combine(folder.Path, "data");

    public string Download => Path.Combine(Data, "download");

    /// <summary>Lines of <c>[upstream]</c>, without its env.</summary>
    public Dictionary<string, string> Upstream { get; } = new(StringComparer.Ordinal)
    {
        ["goproxy"] = "\"direct\"",
        ["sumdb"] = "\"off\"",
    };

    /// <summary>Further sections, as text.</summary>
    public string Sections { get; set; } = "";

    /// <summary>The configuration file, written at each start.</summary>
    public string Config => folder.File("peers.toml");

    public string Scratch(string name) => folder.File(name);

    public Task<NodeProcess> StartAsync(GoRepositories? repositories = null) =>
        NodeProcess.StartAsync(Data, null, "--config", WriteConfig(repositories));

    /// <summary>Writes the configuration as it is now, for a node that runs already.</summary>
    public void Rewrite(GoRepositories? repositories = null) => WriteConfig(repositories);

    /// <summary>Starts a node that finds no <c>go</c> and no <c>git</c>.</summary>
    public Task<NodeProcess> StartWithoutGoAsync() =>
        NodeProcess.StartAsync(Data, new Dictionary<string, string> { ["PATH"] = "/nonexistent" }, "--config", WriteConfig(null));

    public Task<(int ExitCode, string Output)> RunAsync(GoRepositories? repositories, params string[] verb) =>
        NodeProcess.RunAsync(null, [.. verb, "--data", Data, "--config", WriteConfig(repositories)]);

    /// <summary>A command that stands in for <c>go</c> in this folder.</summary>
    public string WriteGo(string script)
    {
        var path = folder.File("go-" + Guid.NewGuid().ToString("N"));
        File.WriteAllText(path, script.ReplaceLineEndings("\n"));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Upstream["go"] = $"\"{path}\"";
        return path;
    }

    public void Dispose() => folder.Dispose();

    private string WriteConfig(GoRepositories? repositories)
    {
        var text = new StringBuilder("[upstream]\n");
        foreach (var (key, value) in Upstream)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{key} = {value}");
        }

        text.AppendLine("[upstream.env]");
        foreach (var (name, value) in repositories?.GitConfigEnvironment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{name} = '{value}'");
        }

        text.AppendLine(Sections);
        File.WriteAllText(Config, text.ToString());
        return Config;
    }
}
