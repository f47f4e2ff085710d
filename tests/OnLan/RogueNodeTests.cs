using System.Buffers.Text;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Tests.Integration;
using Athens.Federation.Tests.Support;
using Xunit.Abstractions;

namespace Athens.Federation.Tests.OnLan;

/// <summary>A node on the LAN that says it is of the pool, under the pool's name, its tag, and a member's own name and key.</summary>
public sealed partial class RogueNodeTests(ITestOutputHelper output) : IDisposable
{
    private const string Module = "example.org/storm";

    private readonly TemporaryFolder folder = new("rogue");
    private readonly Office office = new();

    public void Dispose()
    {
        office.Dispose();
        folder.Dispose();
    }

    [FactWithZeroconf]
    public async Task Who_claims_the_pool_and_a_members_place_is_no_peer_serves_nothing_and_keeps_nobody_away()
    {
        await using var node = await OfficeNode.CreateAsync(office.AddDesk());
        await using var member = await OfficeNode.CreateAsync(office.AddDesk());
        await using var rogue = await OfficeNode.CreateAsync(office.AddDesk());
        await member.ObserveAsync(Publish("honest", 1000, "m0", "m1", "m2"));
        await rogue.ObserveAsync(Publish("false", 2000, "m0", "m1", "m2", "m3"));
        await Task.WhenAll(new[] { (node, "a1"), (member, "b1"), (rogue, "b2") }.Select(one => one.Item1.StartAsync("--peer-listen", ":3443", "--name", one.Item2)));
        await MakePoolsAsync(node, member, rogue);

        using var claiming = await ClaimAsync(rogue, member);
        var ofRogue = Key(await RunAsync(rogue, "key", "show"));
        await UntilAsync(node, peers => peers["seen"]!.AsArray().Count(one => one!["key"]!.GetValue<string>() == ofRogue) == 2);
        var shown = await RunAsync(node, "peers");
        output.WriteLine(shown);
        Assert.Matches($@"globex/b1 +globex +observe +pool +connected .+\n[\s\S]*SEEN ON THE LAN[\s\S]*athens-0000cafe .+ {Regex.Escape(ofRogue)}  claims to be in this node's pool, and is no member of it", shown);
        Assert.Matches($@"{rogue.Instance} .+ {Regex.Escape(ofRogue)}  in another pool", shown);
        await AssertServedAsync(node, "m0");
        Assert.Equal(404, (await GetAsync(node, "m3")).Status);

        // It dials: the node does not let it in, and says so.
        await RunAsync(rogue, "peers", "pin", Key(await RunAsync(node, "key", "show")), "--trust", "observe");
        output.WriteLine(await node.Process.WaitForLineAsync($"{ofRogue} is no peer of this node"));

        // While the member is away somebody answers in its place: the node hears who that is, and asks nothing of it.
        var was = member.Instance;
        Assert.Equal(0, await member.Process.StopAsync());
        var line = await node.Process.WaitForLineAsync($"SECURITY: at {Office.Address(rogue.Desk)}:3443, the address of peer globex/b1, somebody else answers");
        output.WriteLine(line);
        Assert.Contains($"it proved to be {ofRogue}", line, StringComparison.Ordinal);
        Assert.Equal(404, (await GetAsync(node, "m1")).Status);
        Assert.Empty(Connected(await PeersAsync(node)));
        Assert.Empty(Connected(await PeersAsync(rogue)));

        // And when it is back it is back, though its name on the LAN is fought over.
        var since = Stopwatch.GetTimestamp();
        await member.StartAsync("--peer-listen", ":3443", "--name", "b1");
        await UntilAsync(node, static peers => Connected(peers).SequenceEqual(["globex/b1"]));
        await node.UntilAsync(seen => seen.Values.Any(at => at.Contains($"{Office.Address(member.Desk)}:3443", StringComparison.Ordinal)));
        output.WriteLine($"the member was a peer again {Stopwatch.GetElapsedTime(since).TotalSeconds:0.0} s after its start; its name was {was} before");
        await AssertServedAsync(node, "m2");
        Assert.Equal(["m0", "m2"], Directory.EnumerateFiles(Path.Combine(node.Data, "download"), "*.zip", SearchOption.AllDirectories).Select(static zip => zip.Split('/')[^3]).Order());
    }

    /// <summary>The same name for another pool, in which the rogue is of the member's organization.</summary>
    private static async Task MakePoolsAsync(OfficeNode node, OfficeNode member, OfficeNode rogue)
    {
        await RunAsync(node, "pool", "create", "trial", "--org", "acme");
        await RunAsync(rogue, "pool", "create", "trial", "--org", "globex");
        var token = Token().Match(await RunAsync(node, "pool", "invite")).Value;
        await RunAsync(member, "pool", "join", token, "--org", "globex");
        await UntilAsync(node, static peers => Connected(peers).SequenceEqual(["globex/b1"]));

        // Until it is forgotten an invitation lets strangers in as guests, who may ask for nothing but to join.
        await RunAsync(node, "pool", "withdraw", Invitation.Parse(token, DateTimeOffset.UtcNow, out _)!.Id);
        await rogue.UntilSeesAsync(node, member);
    }

    /// <summary>What the rogue needs to know it hears on the LAN, as anybody does.</summary>
    private static async Task<Process> ClaimAsync(OfficeNode rogue, OfficeNode member)
    {
        var seen = (await UntilAsync(rogue, peers => peers["seen"]!.AsArray().Any(one => IsOf(one!, member) && one!["pool"] is not null)))["seen"]!.AsArray().First(one => IsOf(one!, member))!;
        var script = Path.Combine(SourceTree.Root, "tests", "OnLan", "rogue.py");
        var claiming = Process.Start(Office.At(
            rogue.Desk, ZeroconfRights.Python!, script, Office.Address(rogue.Desk), member.Instance, InBase64Url(seen["key"]!.GetValue<string>()),
            InBase64Url(Key(await RunAsync(rogue, "key", "show"))), seen["pool"]!.GetValue<string>()))!;
        Assert.Equal("claiming", await claiming.StandardOutput.ReadLineAsync());
        return claiming;
    }

    private static bool IsOf(JsonNode seen, OfficeNode node) => seen["name"]!.GetValue<string>() == node.Instance;

    private static string InBase64Url(string key) => Base64Url.EncodeToString(Convert.FromBase64String(key.Split(':')[1]));

    private async Task AssertServedAsync(OfficeNode node, string module)
    {
        var answer = await GetAsync(node, module);
        Assert.Equal((200, "peer:globex/b1", Sha256("honest", module)), (answer.Status, answer.Source, answer.Sha256));
    }

    private static Task<AtDesk> GetAsync(OfficeNode node, string module) => AtDesk.GetAsync(node.Desk, node.Process.Url, $"{Module}/{module}/@v/v1.0.0.zip");

    private string Publish(string proxy, int length, params string[] modules)
    {
        foreach (var module in modules)
        {
            var versions = folder.Folder($"{proxy}/{Module}/{module}/@v");
            SyntheticProxy.WriteVersion(versions, $"{Module}/{module}", "v1.0.0", new byte[length]);
            File.WriteAllText(Path.Combine(versions, "list"), "v1.0.0\n");
        }

        return folder.File(proxy);
    }

    private string Sha256(string proxy, string module) =>
        Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(folder.File($"{proxy}/{Module}/{module}/@v/v1.0.0.zip"))));

    private static IEnumerable<string> Connected(JsonNode peers) =>
        peers["peers"]!.AsArray().Where(static peer => peer!["connected"]!.GetValue<bool>()).Select(static peer => peer!["name"]!.GetValue<string>());

    private static async Task<JsonNode> PeersAsync(OfficeNode node) => JsonNode.Parse(await RunAsync(node, "peers", "--json"))!;

    private static async Task<JsonNode> UntilAsync(OfficeNode node, Func<JsonNode, bool> isSo)
    {
        var peers = await ShortPause.UntilAsync(() => PeersAsync(node), isSo, minutes: 3);
        Assert.True(isSo(peers), $"{peers}\n{node.Process.Output}");
        return peers;
    }

    private static async Task<string> RunAsync(OfficeNode node, params string[] verb)
    {
        var (exitCode, said) = await node.AskAsync(verb);
        Assert.True(exitCode == 0, $"athens {string.Join(' ', verb)}: {said}");
        return said;
    }

    private static string Key(string shown) => KeyWords().Match(shown).Value;

    [GeneratedRegex(@"ed25519:\S+")]
    private static partial Regex KeyWords();

    [GeneratedRegex(@"athens-join-v1\.\S+")]
    private static partial Regex Token();
}
