using System.Text.RegularExpressions;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Integration;

/// <summary>Real nodes and a real name server.</summary>
public sealed partial class PublishedNodesTests : IAsyncLifetime
{
    private readonly List<PeerNode> nodes = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }
    }

    /// <summary>The invitation, and later the member's statement, have an address that leads nowhere: DNS knows a better one.</summary>
    [FactWithDomainServer]
    public async Task A_node_is_reached_where_the_records_of_a_domain_say_and_its_key_decides_who_it_is()
    {
        var acme = await StartAsync("a1", "[pool]\nendpoint = \"nobody.invalid:3443\"");
        using var server = await DomainServer.StartAsync(
            DomainServer.FreeAddress(), $"--srv-host=_athens-pool._tcp.corp.example,a1.corp.example,{acme.Address.Split(':')[1]},0,0", "--host-record=a1.corp.example,127.0.0.1");
        var globex = await StartAsync("g1", $"[discovery]\nsrv = \"corp.example\"\nresolver = \"{server.Address}\"");
        var seen = await globex.Process.WaitForLineAsync("Seen in DNS");
        Assert.Contains(acme.Key, seen, StringComparison.Ordinal);
        Assert.Contains("SEEN IN DNS", await RunAsync(globex, "peers"), StringComparison.Ordinal);

        await RunAsync(acme, "pool", "create", "trial", "--org", "acme");
        var token = TokenWords().Match(await RunAsync(acme, "pool", "invite")).Value;
        Assert.Contains("Joined", await RunAsync(globex, "pool", "join", token, "--org", "globex"), StringComparison.Ordinal);
        Assert.Contains("127.0.0.1", await globex.Process.WaitForLineAsync("Peer acme/a1 connected at"), StringComparison.Ordinal);
        Assert.DoesNotContain("SEEN", await RunAsync(globex, "peers"), StringComparison.Ordinal);
    }

    [FactWithDomainServer]
    public async Task A_TXT_record_proves_a_namespace()
    {
        var address = DomainServer.FreeAddress();
        var acme = await StartAsync("a1", $"[discovery]\nresolver = \"{address}\"");
        await RunAsync(acme, "pool", "create", "trial", "--org", "acme");
        var told = await RunAsync(acme, "pool", "namespace", "corp.example/*", "--out", acme.Folder.Scratch("proof"));
        var record = Record().Match(told);
        Assert.True(record.Success, told);
        using var server = await DomainServer.StartAsync(
            address, "--txt-record=_athens-pool.corp.example,athens-namespace=another one", $"--txt-record={record.Groups["name"].Value},{record.Groups["text"].Value}");
        Assert.Contains("belongs to acme", await RunAsync(acme, "pool", "set", "namespace", "corp.example/*=acme"), StringComparison.Ordinal);
        Assert.Contains("namespace corp.example/* of acme", await RunAsync(acme, "pool", "show"), StringComparison.Ordinal);
    }

    private async Task<PeerNode> StartAsync(string name, string sections)
    {
        var node = await PeerNode.CreateAsync(name);
        nodes.Add(node);
        node.Sections = sections;
        await node.StartAsync();
        return node;
    }

    private static async Task<string> RunAsync(PeerNode node, params string[] verb)
    {
        var (exitCode, output) = await node.Folder.RunAsync(null, verb);
        Assert.True(exitCode == 0, $"{node.Name}: {output}\n{node.Process.Output}");
        return output;
    }

    [GeneratedRegex(@"athens-join-v1\.\S+")]
    private static partial Regex TokenWords();

    [GeneratedRegex("^(?<name>\\S+)\\. IN TXT \"(?<text>[^\"]+)\"", RegexOptions.Multiline)]
    private static partial Regex Record();
}
