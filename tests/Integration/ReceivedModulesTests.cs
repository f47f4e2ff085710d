using System.Text;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Integration;

/// <summary>Three real nodes of three organizations: what the first shares with the second is nothing to the third.</summary>
public sealed class ReceivedModulesTests : IAsyncLifetime, IDisposable
{
    private const string Shared = "corp.example/lib";
    private const string Open = "open.example/lib";

    private readonly TemporaryFolder folder = new("received");
    private readonly List<PeerNode> nodes = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Who_is_given_a_private_module_keeps_it_private()
    {
        var (acme, globex, initech) = (await CreateAsync("a1"), await CreateAsync("g1"), await CreateAsync("i1"));
        foreach (var (module, version) in new[] { (Shared, "v1.0.0"), (Shared, "v1.1.0"), (Open, "v1.0.0") })
        {
            Publish(module, version);
        }

        await acme.ObserveAsync(folder.File("proxy"));
        acme.Sections = $"[pool]\norg = \"acme\"\nprivate = \"corp.example\"\nshare = {{ \"{Shared}\" = \"globex\" }}\n";
        globex.Sections = "[pool]\norg = \"globex\"\nmirror = \"all\"\n";
        initech.Sections = "[pool]\norg = \"initech\"\nmirror = \"all\"\n";
        await StartAsync((acme, "acme"), (globex, "globex"), (initech, "initech"));

        // The second is given both; the third what is nobody's secret.
        Assert.Equal((200, "peer:a1"), await GetAsync(globex, Shared, "v1.0.0"));
        Assert.Contains("is private at peer a1", globex.Process.Output, StringComparison.Ordinal);
        Assert.Equal((200, "peer:a1"), await GetAsync(globex, Open, "v1.0.0"));
        Assert.Equal(200, (await GetAsync(initech, Open, "v1.0.0")).Status);
        await RefusedAsync(globex, initech);
        Assert.Contains("\nsalt ", await RecordAsync(globex, Shared), StringComparison.Ordinal);
        Assert.DoesNotContain("\nsalt ", await RecordAsync(globex, Open), StringComparison.Ordinal);

        // And so it stays; the giver is asked for more of it.
        Assert.Equal(0, await globex.Process.StopAsync());
        await globex.Process.DisposeAsync();
        await globex.StartAsync();
        await initech.ReloadAsync();
        await initech.Process.WaitForLineAsync("Peer g1 connected", initech.Process.Output.LastIndexOf("The configuration was read again", StringComparison.Ordinal));
        Assert.Equal((200, "store"), await GetAsync(globex, Shared, "v1.0.0"));
        await ShortPause.UntilAsync(() => GetAsync(globex, Shared, "v1.1.0"), static one => one.Status == 200);
        Assert.Equal(200, (await GetAsync(globex, Shared, "v1.1.0")).Status);
        await RefusedAsync(globex, initech);
    }

    /// <summary>Nobody gives the third node anything of it, by whatever question; nor can it be read from what it mirrors.</summary>
    private static async Task RefusedAsync(PeerNode globex, PeerNode initech)
    {
        Assert.Equal(404, (await GetAsync(initech, Shared, "v1.0.0")).Status);
        Assert.Equal(404, (await initech.GetAsync($"/{Shared}/@v/list")).Status);

        // What the second recorded later is known here by now, and so would be what it recorded of the secret.
        var (_, open) = await ShortPause.UntilAsync(() => initech.Folder.RunAsync(null, "provenance", $"{Open}@v1.0.0"), static one => one.Output.Contains("g1", StringComparison.Ordinal));
        Assert.Contains("g1", open, StringComparison.Ordinal);
        var (_, known) = await initech.Folder.RunAsync(null, "provenance", $"{Shared}@v1.0.0");
        Assert.DoesNotContain("g1", known, StringComparison.Ordinal);

        // The second's own developers are told that it is private, where they could else be sent on to another proxy.
        Assert.Equal(403, (await globex.GetAsync($"/{Shared}/@v/v9.9.9.info")).Status);
    }

    private static async Task<(int Status, string Source)> GetAsync(PeerNode node, string module, string version)
    {
        var (status, source, _) = await node.GetAsync($"/{module}/@v/{version}.zip");
        return (status, source);
    }

    private static async Task<string> RecordAsync(PeerNode node, string module)
    {
        var name = (await node.Folder.RunAsync(null, "key", "gosumdb")).Output.Split('+')[0];
        var (status, _, body) = await node.GetAsync($"/sumdb/{name}/lookup/{module}@v1.0.0");
        Assert.Equal(200, status);
        return Encoding.UTF8.GetString(body);
    }

    private static async Task StartAsync(params (PeerNode Node, string Org)[] all)
    {
        foreach (var (node, _) in all)
        {
            foreach (var (other, org) in all.Where(other => other.Node != node))
            {
                node.Knows(other, "observe", org);
            }

            await node.StartAsync();
        }

        foreach (var (node, _) in all)
        {
            await node.ReloadAsync();
        }

        foreach (var (node, _) in all)
        {
            foreach (var (other, _) in all.Where(other => other.Node != node))
            {
                await node.Process.WaitForLineAsync($"Peer {other.Name} connected");
            }
        }
    }

    private async Task<PeerNode> CreateAsync(string name)
    {
        var node = await PeerNode.CreateAsync(name);
        nodes.Add(node);
        return node;
    }

    private void Publish(string module, string version)
    {
        var versions = Directory.CreateDirectory(Path.Combine(folder.Path, "proxy", module, "@v")).FullName;
        SyntheticProxy.WriteVersion(versions, module, version, new byte[1000]);
        File.AppendAllText(Path.Combine(versions, "list"), version + "\n");
    }
}
