using System.Text.RegularExpressions;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Integration;

/// <summary>Pools of real nodes, made and changed by the commands that people type.</summary>
public sealed partial class PoolTests : IAsyncLifetime, IDisposable
{
    private const string Module = "other.example/lib";
    private const string Zip = $"/{Module}/@v/v1.0.0.zip";

    private readonly TemporaryFolder folder = new("pool");
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

    /// <summary>The commands of the README, as they stand there, in three folders: what two organizations have observed is served to the third, until one of them is removed.</summary>
    [Fact]
    public async Task The_readme_makes_a_pool_of_three_organizations_and_removes_one()
    {
        Publish("proxy", 1000);
        Dictionary<string, PeerNode> orgs = new(StringComparer.Ordinal)
        {
            ["acme"] = await StartAsync("a1", holds: "proxy"),
            ["globex"] = await StartAsync("g1", holds: "proxy"),
            ["initech"] = await StartAsync("i1"),
        };
        var commands = ReadmeCommands();
        var removal = commands.FindIndex(command => command.Words is ["pool", "remove", ..]);
        Assert.Equal(2, commands.Count - removal);
        var initech = orgs["initech"];
        await FollowAsync(orgs, commands[..removal]);
        await ConnectedAsync(initech, 2);
        Assert.Contains("quorum 2", await RunAsync(initech, "pool", "show"), StringComparison.Ordinal);
        var answer = await ShortPause.UntilAsync(() => initech.GetAsync(Zip), static one => one.Status == 200);
        Assert.StartsWith("peer:", answer.Source, StringComparison.Ordinal);

        await FollowAsync(orgs, commands[removal..]);
        await ShowsAsync(orgs["acme"], "root version 4");
        Assert.DoesNotContain("globex", await RunAsync(initech, "pool", "members"), StringComparison.Ordinal);
        Assert.DoesNotContain("org globex", await RunAsync(initech, "pool", "show"), StringComparison.Ordinal);

        // Who asks now finds one organization that has observed it, and one that believed the two.
        var late = await StartLateAsync(orgs["acme"]);
        answer = await late.GetAsync(Zip);
        Assert.Equal(404, answer.Status);
        Assert.Contains("1 organization of the 2", System.Text.Encoding.UTF8.GetString(answer.Body), StringComparison.Ordinal);
        await ShowsAsync(orgs["globex"], "not reached", "members");
    }

    [Fact]
    public async Task Another_node_of_an_organization_joins_by_itself_and_can_be_taken_out()
    {
        var first = await StartAsync("a1");
        var second = await StartAsync("a2");
        await RunAsync(first, "pool", "create", "trial", "--org", "acme");
        var token = Token(await RunAsync(first, "pool", "invite", "--node"));
        Assert.Contains("Joined pool trial as a node of acme", await RunAsync(second, "pool", "join", token), StringComparison.Ordinal);
        await ConnectedAsync(first, 1);
        await ConnectedAsync(second, 1);

        // An invitation is good once; again for who has used it, as its answer may have been lost.
        var third = await StartAsync("a3");
        var (exitCode, output) = await third.Folder.RunAsync(null, "pool", "join", token);
        Assert.Equal(1, exitCode);
        Assert.Contains("used", output, StringComparison.Ordinal);

        await RunAsync(first, "pool", "remove", "acme/a2");
        Assert.DoesNotContain("acme/a2", await RunAsync(first, "pool", "members"), StringComparison.Ordinal);
        await ShowsAsync(second, "not reached", "members");
    }

    [Fact]
    public async Task A_pool_and_a_join_under_way_survive_restarts()
    {
        var acme = await StartAsync("a1");
        var globex = await StartAsync("g1");
        var initech = await StartAsync("i1");
        await RunAsync(acme, "pool", "create", "trial", "--org", "acme");
        await JoinAsync(acme, globex, "globex");
        await JoinAsync(acme, initech, "initech");
        await globex.Process.WaitForLineAsync("waits for signatures");
        await RestartAsync(initech);
        await RestartAsync(globex);
        await RunAsync(globex, "pool", "approve");
        await ShowsAsync(initech, "root version 3");
        await ConnectedAsync(initech, 2);
        await RestartAsync(acme);
        await ConnectedAsync(acme, 2);
    }

    [Fact]
    public async Task An_organization_changes_its_key_and_goes_on()
    {
        var acme = await StartAsync("a1");
        var globex = await StartAsync("g1");
        await RunAsync(acme, "pool", "create", "trial", "--org", "acme");
        await JoinAsync(acme, globex, "globex");
        var before = OrgKeys().Matches(await RunAsync(acme, "pool", "show")).Select(key => key.Value).ToList();
        await RunAsync(globex, "pool", "rotate-key");
        await acme.Process.WaitForLineAsync("waits for signatures");
        await RunAsync(acme, "pool", "approve");
        await ShowsAsync(globex, "root version 3");
        var after = OrgKeys().Matches(await RunAsync(globex, "pool", "show")).Select(key => key.Value).ToList();
        Assert.Equal(before[0], after[0]);
        Assert.NotEqual(before[1], after[1]);
        await ShowsAsync(acme, "globex/g1", "members");
        await ConnectedAsync(acme, 1);
    }

    [Theory]
    [InlineData("athens-join-v1.AAAA", 2, "not whole")]
    [InlineData("something", 2, "begins with")]
    public async Task A_token_that_is_none_is_told_so(string token, int expected, string words)
    {
        var node = await StartAsync("a1");
        var (exitCode, output) = await node.Folder.RunAsync(null, "pool", "join", token, "--org", "acme");
        Assert.Equal(expected, exitCode);
        Assert.Contains(words, output, StringComparison.Ordinal);
    }

    /// <summary>What follows a prompt such as <c>acme$ athens</c> in the README's section on pools.</summary>
    private static List<(string Org, string[] Words)> ReadmeCommands()
    {
        var section = File.ReadAllText(Path.Combine(SourceTree.Root, "README.md")).Split("### Join a pool in two minutes")[1].Split("\n### ")[0];
        var commands = ReadmeCommand().Matches(section).Select(match => (match.Groups[1].Value, match.Groups[2].Value.Split(' '))).ToList();
        Assert.Equal(9, commands.Count);
        return commands;
    }

    /// <summary>Runs them one after the other. A person approves when there is something to approve, and pastes what was printed.</summary>
    private static async Task FollowAsync(Dictionary<string, PeerNode> orgs, List<(string Org, string[] Words)> commands)
    {
        var invitation = "";
        foreach (var (org, words) in commands)
        {
            if (words is ["pool", "approve"])
            {
                await ShowsAsync(orgs[org], "change ");
            }

            var output = await RunAsync(orgs[org], [.. words.Select(word => word == "INVITATION" ? invitation : word)]);
            invitation = Token(output) is { Length: > 0 } token ? token : invitation;
        }
    }

    private async Task<PeerNode> StartLateAsync(PeerNode inviting)
    {
        var late = await StartAsync("late");
        await RunAsync(late, "pool", "join", Token(await RunAsync(inviting, "pool", "invite", "--node")));
        await ConnectedAsync(late, 2);
        return late;
    }

    private async Task<PeerNode> StartAsync(string name, string? holds = null)
    {
        var node = await PeerNode.CreateAsync(name);
        nodes.Add(node);
        if (holds is not null)
        {
            await node.ObserveAsync(folder.File(holds));
        }

        await node.StartAsync();
        return node;
    }

    private static async Task RestartAsync(PeerNode node)
    {
        Assert.Equal(0, await node.Process.StopAsync());
        await node.Process.DisposeAsync();
        await node.StartAsync();
    }

    private static async Task<string> JoinAsync(PeerNode inviting, PeerNode joining, string org) =>
        await RunAsync(joining, "pool", "join", Token(await RunAsync(inviting, "pool", "invite")), "--org", org);

    private static string Token(string output) => TokenWords().Match(output).Value;

    private static async Task<string> RunAsync(PeerNode node, params string[] verb)
    {
        var (exitCode, output) = await node.Folder.RunAsync(null, verb);
        Assert.True(exitCode == 0, $"{node.Name}: {output}\n{node.Process.Output}");
        return output;
    }

    private static Task ShowsAsync(PeerNode node, string words, string verb = "show") =>
        ComesAsync(node, verb, shown => shown.Contains(words, StringComparison.Ordinal));

    private static Task ConnectedAsync(PeerNode node, int peers) => ComesAsync(node, "members", shown => Regex.Count(shown, " connected ") == peers);

    private static async Task ComesAsync(PeerNode node, string verb, Func<string, bool> isIt)
    {
        var (_, output) = await ShortPause.UntilAsync(() => node.Folder.RunAsync(null, "pool", verb), shown => isIt(shown.Output));
        Assert.True(isIt(output), $"{node.Name}: {output}\n{node.Process.Output}");
    }

    private void Publish(string proxy, int length)
    {
        var versions = Directory.CreateDirectory(Path.Combine(folder.Path, proxy, Module, "@v")).FullName;
        SyntheticProxy.WriteVersion(versions, Module, "v1.0.0", new byte[length]);
        File.WriteAllText(Path.Combine(versions, "list"), "v1.0.0\n");
    }

    [GeneratedRegex(@"athens-join-v1\.\S+")]
    private static partial Regex TokenWords();

    [GeneratedRegex(@"^    (acme|globex|initech)\$ athens (.+)$", RegexOptions.Multiline)]
    private static partial Regex ReadmeCommand();

    [GeneratedRegex(@"key \S+")]
    private static partial Regex OrgKeys();
}
