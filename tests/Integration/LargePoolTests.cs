using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Integration;

/// <summary>
/// Real nodes of a pool that is larger than <c>[pool] mesh</c>: a node is connected to two of another organization's four, mirrors the logs of all, and gets from each
/// what it alone holds.
/// </summary>
public sealed partial class LargePoolTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder folder = new("large-pool");
    private readonly PeerNode[] globex = new PeerNode[4];
    private PeerNode acme = null!;

    public async Task InitializeAsync()
    {
        acme = await PeerNode.CreateAsync("a1");
        acme.Sections = "[pool]\nmesh = 3\n";
        await acme.StartAsync();
        await RunAsync(acme, "pool", "create", "trial", "--org", "acme");
        for (var i = 0; i < globex.Length; i++)
        {
            globex[i] = await PeerNode.CreateAsync($"g{i + 1}");
            await globex[i].ObserveAsync(Publish(i));
            await globex[i].StartAsync();
            await (i == 0
                ? RunAsync(globex[0], "pool", "join", Token(await RunAsync(acme, "pool", "invite")), "--org", "globex")
                : RunAsync(globex[i], "pool", "join", Token(await RunAsync(globex[0], "pool", "invite", "--node"))));
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var node in globex.Append(acme).OfType<PeerNode>())
        {
            await node.DisposeAsync();
        }
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_logs_of_far_nodes_come_through_near_ones_and_what_only_a_far_one_holds_is_fetched_from_it()
    {
        await SeesAsync(near: 2, far: 2);
        foreach (var node in globex)
        {
            // Every log is here, as its own node serves it.
            var log = LogName().Match(await RunAsync(node, "key", "gosumdb")).Value;
            var latest = (await node.GetAsync($"/sumdb/{log}/latest")).Body;
            var mirrored = await ShortPause.UntilAsync(() => acme.GetAsync($"/sumdb/{log}/latest"), answer => answer.Status == 200 && answer.Body.SequenceEqual(latest));
            Assert.True(mirrored.Body.SequenceEqual(latest), acme.Process.Output);
        }

        var far = (await PeersAsync()).Where(static peer => !IsNear(peer)).Select(static peer => peer["name"]!.GetValue<string>()).ToList();
        Assert.Matches(@"globex/g\d +globex +observe +pool +far ", await RunAsync(acme, "peers"));
        Assert.Contains(" far ", await RunAsync(acme, "pool", "members"), StringComparison.Ordinal);
        foreach (var name in far)
        {
            var answer = await acme.GetAsync($"/{ModuleOf(name[^1] - '1')}/@v/v1.0.0.zip");
            Assert.Equal((200, $"peer:{name}"), (answer.Status, answer.Source));
        }

        // They stay connected for a while, and are far as before.
        Assert.All((await PeersAsync()).Where(static peer => !IsNear(peer)), static peer => Assert.True(peer["connected"]!.GetValue<bool>()));
        await SeesAsync(near: 2, far: 2);
    }

    [Fact]
    public async Task When_a_near_node_is_gone_a_far_one_takes_its_place_and_all_logs_go_on()
    {
        await SeesAsync(near: 2, far: 2);
        var lost = (await PeersAsync()).First(IsNear)["name"]!.GetValue<string>();
        await globex[lost[^1] - '1'].Process.KillAsync();
        await ShortPause.UntilAsync(PeersAsync, peers => peers.Count(peer => IsNear(peer) && peer["connected"]!.GetValue<bool>()) == 2);
        await SeesAsync(near: 3, far: 1);
        PeerNode[] left = [.. globex.Where(node => $"globex/{node.Name}" != lost)];
        for (var i = 0; i < left.Length; i++)
        {
            // What it takes from a colleague now it vouches for, in its log.
            var node = left[i];
            var log = LogName().Match(await RunAsync(node, "key", "gosumdb")).Value;
            var before = (await node.GetAsync($"/sumdb/{log}/latest")).Body;
            var zip = $"/{ModuleOf(left[(i + 1) % left.Length].Name[^1] - '1')}/@v/v1.0.0.zip";
            Assert.Equal(200, (await ShortPause.UntilAsync(() => node.GetAsync(zip), static answer => answer.Status == 200)).Status);
            var latest = (await ShortPause.UntilAsync(() => node.GetAsync($"/sumdb/{log}/latest"), answer => !answer.Body.SequenceEqual(before))).Body;
            var mirrored = await ShortPause.UntilAsync(() => acme.GetAsync($"/sumdb/{log}/latest"), answer => answer.Body.SequenceEqual(latest));
            Assert.True(mirrored.Body.SequenceEqual(latest), $"{node.Name}\n{acme.Process.Output}");
        }
    }

    private async Task SeesAsync(int near, int far)
    {
        var peers = await ShortPause.UntilAsync(PeersAsync, peers => peers.Count(IsNear) == near && peers.Count == near + far && peers.Count(static peer => peer["connected"]!.GetValue<bool>()) >= 2);
        Assert.True(peers.Count(IsNear) == near && peers.Count == near + far, $"{string.Join('\n', peers)}\n{acme.Process.Output}");
    }

    private async Task<List<JsonNode>> PeersAsync() => [.. JsonNode.Parse(await RunAsync(acme, "peers", "--json"))!["peers"]!.AsArray().OfType<JsonNode>()];

    private static bool IsNear(JsonNode peer) => peer["near"]!.GetValue<bool>();

    private static string ModuleOf(int number) => $"example.org/storm/m{number}";

    private string Publish(int number)
    {
        var versions = folder.Folder($"proxy{number}/{ModuleOf(number)}/@v");
        SyntheticProxy.WriteVersion(versions, ModuleOf(number), "v1.0.0", new byte[1000 + number]);
        File.WriteAllText(Path.Combine(versions, "list"), "v1.0.0\n");
        return folder.File($"proxy{number}");
    }

    private static async Task<string> RunAsync(PeerNode node, params string[] verb)
    {
        var (exitCode, output) = await node.Folder.RunAsync(null, verb);
        Assert.True(exitCode == 0, $"{node.Name}: {output}\n{node.Process.Output}");
        return output;
    }

    private static string Token(string output) => TokenWords().Match(output).Value;

    [GeneratedRegex(@"athens-join-v1\.\S+")]
    private static partial Regex TokenWords();

    [GeneratedRegex(@"[A-Za-z0-9._-]+/[0-9a-f]{8}")]
    private static partial Regex LogName();
}
