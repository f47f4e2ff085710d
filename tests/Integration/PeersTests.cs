using System.Diagnostics;
using System.Net;
using Athens.Federation.Tests.Support;
using Athens.Federation.Tests.Telemetry;

namespace Athens.Federation.Tests.Integration;

/// <summary>Real nodes that know one another by peers.toml alone.</summary>
public sealed class PeersTests
{
    private static readonly TimeSpan ExportLimit = TimeSpan.FromSeconds(30);

    private static readonly string[] Files = ["info", "mod", "zip"];

    [Fact]
    public async Task A_node_without_go_and_without_upstream_serves_a_build_from_a_peer_in_one_trace()
    {
        await using var zipkin = await ZipkinCollector.StartAsync();
        var repositories = await GoRepositories.SharedAsync();
        await using var a = await PeerNode.CreateAsync("a", repositories);
        await using var b = await PeerNode.CreateAsync("b");
        await using var c = await PeerNode.CreateAsync("c");
        a.Sections = b.Sections = c.Sections = $"[telemetry]\nzipkin = \"{zipkin.Endpoint}\"\n";
        foreach (var node in new[] { a.Knows(b).Knows(c), b.Knows(a, "observe").Knows(c), c.Knows(a, "observe").Knows(b) })
        {
            await node.StartAsync();
        }

        // Each address is known once all run.
        await a.ReloadAsync();
        await b.ReloadAsync();
        var expected = await BuildAsync(a, repositories);
        await ConnectedAsync(b, "a", "c");

        var first = await b.GetAsync("/github.com/pkg/errors/@v/v0.9.1.zip");
        Assert.Equal((200, "peer:a"), (first.Status, first.Source));
        Assert.Equal((await a.GetAsync("/github.com/pkg/errors/@v/v0.9.1.zip")).Body, first.Body);
        Assert.Equal(expected, await BuildAsync(b, repositories));
        Assert.DoesNotContain("source=upstream", b.Process.Output, StringComparison.Ordinal);
        Assert.Equal("store", (await b.GetAsync("/github.com/pkg/errors/@v/v0.9.1.zip")).Source);
        Assert.Equal(200, (await b.GetAsync("/readyz")).Status);
        await AssertOneTreeAsync(zipkin);

        // What b has by now on a's word comes to c from either; a need not be there for what both hold.
        await ConnectedAsync(c, "a", "b");
        Assert.Equal(expected, await BuildAsync(c, repositories));
        foreach (var node in new[] { c, b, a })
        {
            Assert.Equal(0, await node.Process.StopAsync());
        }
    }

    [Fact]
    public async Task A_thousand_misses_at_once_bring_each_module_over_the_wire_once()
    {
        await using var a = await PeerNode.CreateAsync("a");
        await using var b = await PeerNode.CreateAsync("b");
        var proxy = Path.GetDirectoryName(a.Folder.Scratch("proxy/x"))!;
        var stems = SyntheticProxy.Write(proxy, modules: 150, versionsOfEach: 2);
        await a.ObserveAsync(proxy);

        await a.Knows(b).StartAsync();
        await using var wire = new CountingRelay(IPEndPoint.Parse(a.Address));
        a.Address = wire.Address;
        await b.Knows(a, "observe").StartAsync();
        await ConnectedAsync(b, "a");
        var before = wire.FromServer;

        var answers = await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => b.GetAsync($"/{stems[i % stems.Length]}.{Files[i / stems.Length % 3]}")));
        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        Assert.Contains(answers, answer => answer.Source == "peer:a");
        foreach (var stem in stems)
        {
            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(proxy, stem + ".zip")), (await b.GetAsync($"/{stem}.zip")).Body);
        }

        // The zips cannot be compressed: twice the bytes would be each of them twice. Records, locations and frames are small beside them.
        var once = stems.Sum(stem => Files.Sum(file => new FileInfo(Path.Combine(proxy, $"{stem}.{file}")).Length));
        var crossed = wire.FromServer - before;
        Assert.InRange(crossed, once, once + (stems.Length * 8 * 1024));
    }

    [Fact]
    public async Task A_private_module_passes_between_nodes_of_one_organization_alone()
    {
        await using var a = await PeerNode.CreateAsync("a");
        await using var stranger = await PeerNode.CreateAsync("stranger");
        await using var colleague = await PeerNode.CreateAsync("colleague");
        var proxy = Path.GetDirectoryName(a.Folder.Scratch("proxy/x"))!;
        var stems = SyntheticProxy.Write(proxy, modules: 2, versionsOfEach: 1);
        await a.ObserveAsync(proxy);

        a.Sections = "[pool]\norg = \"x\"\nprivate = \"example.org/*/m0\"\n";
        colleague.Sections = "[pool]\norg = \"x\"\n";
        stranger.Sections = "[pool]\norg = \"y\"\n";
        await a.Knows(stranger, org: "y").Knows(colleague, org: "x").StartAsync();
        await stranger.Knows(a, "observe", "x").StartAsync();
        await colleague.Knows(a, "observe", "x").StartAsync();
        await ConnectedAsync(stranger, "a");
        await ConnectedAsync(colleague, "a");

        var (hidden, open) = (stems[0], stems[1]);
        foreach (var file in Files)
        {
            Assert.Equal(404, (await stranger.GetAsync($"/{hidden}.{file}")).Status);
            Assert.Equal(200, (await stranger.GetAsync($"/{open}.{file}")).Status);
            Assert.Equal(200, (await colleague.GetAsync($"/{hidden}.{file}")).Status);
        }

        var list = $"/{hidden[..hidden.LastIndexOf('/')]}/list";
        Assert.Equal(404, (await stranger.GetAsync(list)).Status);
        Assert.Equal("v1.0.0\n"u8.ToArray(), (await colleague.GetAsync(list)).Body);
        Assert.Equal(404, (await stranger.GetAsync($"/{hidden.Split("/@v")[0]}/@latest")).Status);
    }

    [Fact]
    public async Task A_peer_added_to_a_running_node_is_used_and_one_taken_out_is_not_let_in()
    {
        await using var a = await PeerNode.CreateAsync("a");
        await using var b = await PeerNode.CreateAsync("b");
        var proxy = Path.GetDirectoryName(a.Folder.Scratch("proxy/x"))!;
        var stems = SyntheticProxy.Write(proxy, modules: 2, versionsOfEach: 1);
        await a.ObserveAsync(proxy);
        await a.StartAsync();
        await b.StartAsync();

        Assert.Equal(404, (await b.GetAsync($"/{stems[0]}.zip")).Status);
        await a.Knows(b).ReloadAsync();
        await b.Knows(a, "observe").ReloadAsync();
        await ConnectedAsync(b, "a");

        // What nobody held before is soon asked for again: the failure is damped for a moment, and not believed for absent_ttl.
        var answer = await b.GetAsync($"/{stems[0]}.zip");
        for (var since = Stopwatch.StartNew(); answer.Status == 404 && since.Elapsed < ExportLimit;)
        {
            await ShortPause.TakeAsync();
            answer = await b.GetAsync($"/{stems[0]}.zip");
        }

        Assert.Equal("peer:a", answer.Source);

        a.Forgets(b);
        await a.ReloadAsync();
        Assert.Equal((404, 200), ((await b.GetAsync($"/{stems[1]}.zip")).Status, (await b.GetAsync($"/{stems[0]}.zip")).Status));
    }

    /// <summary>The way of b's first request, from the store of a upwards, is one tree.</summary>
    private static async Task AssertOneTreeAsync(ZipkinCollector zipkin)
    {
        static string Node(ZipkinSpan span) => span.Tags["service.instance.id"];
        static bool IsRequest(ZipkinSpan span) => Node(span) == "b" && span.Kind == "SERVER" && span.ParentId is null
            && span.Tags.GetValueOrDefault("athens.module") == "github.com/pkg/errors" && span.Tags.GetValueOrDefault("athens.source") == "peer:a";

        var spans = await zipkin.WaitForSpansAsync(
            received => received.Any(IsRequest) && received.Any(span => Node(span) == "a" && span.Name == "store" && span.TraceId == received.First(IsRequest).TraceId), ExportLimit);
        Assert.Empty(zipkin.Problems);
        var trace = spans.Where(span => span.TraceId == spans.First(IsRequest).TraceId).ToList();
        var atStore = trace.First(span => Node(span) == "a" && span.Name == "store");
        var way = new List<string>();
        for (var span = atStore; span is not null; span = trace.SingleOrDefault(parent => parent.Id == span.ParentId && parent != span))
        {
            way.Add($"{Node(span)}: {span.Name}");
        }

        Assert.StartsWith("a: athens.federation.v1.peerservice/", way[1], StringComparison.Ordinal);
        Assert.Contains("b: peers.call", way);
        Assert.Contains("b: retrieval", way);
        Assert.Equal("b: get", way[^1]);
    }

    /// <summary>Connections are made in the background; the log tells when one stands.</summary>
    private static async Task ConnectedAsync(PeerNode node, params string[] peers)
    {
        foreach (var peer in peers)
        {
            await node.Process.WaitForLineAsync($"Peer {peer} connected");
        }
    }

    /// <summary>Builds the real program with an empty module cache; returns its go.sum.</summary>
    private static async Task<string> BuildAsync(PeerNode node, GoRepositories repositories)
    {
        using var client = new GoClient(node.Process.Url.ToString());
        ProgramSource.Write(client.WorkFolder, repositories);
        (await client.RunAsync(default, "build", "-o", "program", ".")).OrFail();
        var run = await ChildProcess.RunAsync(Path.Combine(client.WorkFolder, "program"), [], client.WorkFolder, GoClient.BareEnvironment, default);
        Assert.Equal(ProgramSource.Output, run.OrFail().Output);
        return await File.ReadAllTextAsync(Path.Combine(client.WorkFolder, "go.sum"));
    }
}
