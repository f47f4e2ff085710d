using System.Diagnostics;
using System.Text.Json.Nodes;
using Athens.Federation.Tests.Integration;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.OnLan.Captured;

/// <summary>A real node of an organization at a desk, which writes the keys of its TLS connections down, so that who captured them can read them.</summary>
internal sealed class OrgNode : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new("org-node");

    private OrgNode(string name, string desk) => (Name, Desk) = (name, desk);

    public string Name { get; }

    public string Desk { get; }

    public string Data => folder.File("data");

    /// <summary>Of all its connections.</summary>
    public string TlsKeys => folder.File("tls-keys");

    public NodeProcess Process { get; private set; } = null!;

    /// <param name="name">Its own.</param>
    /// <param name="desk">Where it stands.</param>
    /// <param name="settings">Configuration, by the names of variables.</param>
    public static async Task<OrgNode> StartAsync(string name, string desk, IReadOnlyDictionary<string, string>? settings = null)
    {
        OrgNode node = new(name, desk);
        var start = Office.At(desk, [.. node.Program(), "serve", "--data", node.Data, "--listen", "127.0.0.1:0", "--peer-listen", ":3443", "--name", name]);
        foreach (var inherited in start.Environment.Keys.Where(static one => one.StartsWith("ATHENS_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(inherited);
        }

        start.WorkingDirectory = node.folder.Path;
        start.Environment["SSLKEYLOGFILE"] = node.TlsKeys;
        start.Environment["ATHENS_TELEMETRY_LOG_LEVEL"] = "debug";
        foreach (var (variable, value) in settings ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[variable] = value;
        }

        node.Process = await NodeProcess.StartAsync(start);
        return node;
    }

    /// <summary>A verb that this running node carries out: what it printed.</summary>
    public async Task<string> RunAsync(params string[] verb)
    {
        var (exitCode, output) = await NodeProcess.RunAsync(null, [.. verb, "--data", Data]);
        Assert.True(exitCode == 0, $"{Name}: athens {string.Join(' ', verb)}: {output}\n{Process.Output}");
        return output;
    }

    /// <summary>Waits until a verb prints what is waited for.</summary>
    public async Task UntilAsync(Func<string, bool> isIt, params string[] verb)
    {
        var shown = await ShortPause.UntilAsync(() => RunAsync(verb), isIt);
        Assert.True(isIt(shown), $"{Name}: {shown}\n{Process.Output}");
    }

    /// <summary>A path of its Go front, as a developer at the same desk asks for it.</summary>
    public Task<AtDesk> GetAsync(string path) => AtDesk.GetAsync(Desk, Process.Url, path);

    /// <summary>A developer with an empty cache at the same desk.</summary>
    /// <param name="goSumDb">GOSUMDB's value.</param>
    public GoClient Developer(string goSumDb)
    {
        var go = folder.File("go");
        File.WriteAllText(go, $"#!/bin/sh\nexec ip netns exec {Desk} go \"$@\"\n");
        File.SetUnixFileMode(go, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new GoClient(Process.Url.ToString(), new Dictionary<string, string>(StringComparer.Ordinal) { ["GOSUMDB"] = goSumDb }) { Command = go };
    }

    /// <summary>The value of GOSUMDB with which its own log is believed.</summary>
    public async Task<string> GoSumDbAsync() => (await RunAsync("key", "gosumdb")).Trim();

    public async ValueTask DisposeAsync()
    {
        if (Process is not null)
        {
            await Process.DisposeAsync();
        }

        folder.Dispose();
    }

    /// <summary>The same program with one setting of .NET more, without which it writes no keys down.</summary>
    private string[] Program()
    {
        var athens = Path.Combine(AppContext.BaseDirectory, "athens");
        var settings = JsonNode.Parse(File.ReadAllText(athens + ".runtimeconfig.json"))!;
        settings["runtimeOptions"]!["configProperties"]!["System.Net.EnableSslKeyLogging"] = true;
        var file = folder.File("athens.runtimeconfig.json");
        File.WriteAllText(file, settings.ToJsonString());
        return [Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", "exec", "--runtimeconfig", file, "--depsfile", athens + ".deps.json", athens + ".dll"];
    }
}
