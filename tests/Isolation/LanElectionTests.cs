using Athens.Federation.Tests.Integration;

namespace Athens.Federation.Tests.Isolation;

/// <summary>One of the neighbours goes upstream, the others wait for it, and none waits for one that is gone.</summary>
public sealed class LanElectionTests
{
    private const int Modules = 10;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Three_nodes_asked_at_once_go_upstream_once_and_serve_the_same_bytes()
    {
        await using Lan lan = await Lan.StartAsync(Modules + 1, "20s", hold: false);
        string first = lan.Stems[0];
        await Task.WhenAll(lan.Nodes.Select(node => node.GetAsync($"/{first}.zip")));
        int before = lan.Nodes.Sum(node => lan.Downloads(node).Length);

        foreach (string stem in lan.Stems[1..])
        {
            byte[] zip = lan.Zip(stem);
            foreach ((int status, string source, byte[] body) in await Task.WhenAll(lan.Nodes.Select(node => node.GetAsync($"/{stem}.zip"))))
            {
                Assert.True(status == 200, $"{stem}: {status} {source}\n{lan.Nodes[0].Process.Output}");
                Assert.Equal(zip, body);
            }
        }

        // Where a machine is so busy that a neighbour is silent for 150 ms, a module is fetched twice now and then.
        Assert.InRange(lan.Nodes.Sum(node => lan.Downloads(node).Length) - before, Modules, Modules + (Modules / 3));
        // The rank decides anew for each module. That one node has it all has a chance of 1 in 20,000.
        Assert.True(lan.Nodes.Count(node => lan.Downloads(node).Length > 0) > 1, "one node went upstream for all");
    }

    [Fact]
    public async Task When_the_elected_node_is_killed_in_the_middle_the_others_fetch_it_themselves()
    {
        await using Lan lan = await Lan.StartAsync(1, "60s", hold: true);
        string path = $"/{lan.Stems[0]}.zip";
        Dictionary<PeerNode, Task<(int Status, string Source, byte[] Body)>> answers = lan.Nodes.ToDictionary(node => node, node => node.GetAsync(path));
        PeerNode elected = await lan.ElectedAsync(Limit);
        lan.Others(elected).ForEach(lan.Release);
        await elected.Process.KillAsync();

        // The end of its connection is noticed: nobody waits until lan_wait is over.
        await AnsweredAsync(lan, elected, answers, Limit);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => answers[elected]);
    }

    [Fact]
    public async Task When_the_elected_node_stands_still_the_others_wait_for_lan_wait_and_no_longer()
    {
        await using Lan lan = await Lan.StartAsync(1, "3s", hold: true);
        string path = $"/{lan.Stems[0]}.zip";
        Dictionary<PeerNode, Task<(int Status, string Source, byte[] Body)>> answers = lan.Nodes.ToDictionary(node => node, node => node.GetAsync(path));
        PeerNode elected = await lan.ElectedAsync(Limit);
        lan.Others(elected).ForEach(lan.Release);
        await elected.Process.SignalAsync("STOP");

        await AnsweredAsync(lan, elected, answers, Limit);
        Assert.Single(lan.Downloads(elected));
    }

    private static async Task AnsweredAsync(
        Lan lan, PeerNode elected, Dictionary<PeerNode, Task<(int Status, string Source, byte[] Body)>> answers, TimeSpan limit)
    {
        List<PeerNode> others = lan.Others(elected);
        foreach (PeerNode node in others)
        {
            (int status, _, byte[] body) = await answers[node].WaitAsync(limit);
            Assert.Equal(200, status);
            Assert.Equal(lan.Zip(lan.Stems[0]), body);
        }

        Assert.InRange(others.Sum(node => lan.Downloads(node).Length), 1, others.Count);
    }
}
