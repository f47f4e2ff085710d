using System.Diagnostics;
using System.Net;
using Athens.Federation.Tests.Integration;

namespace Athens.Federation.Tests.Isolation;

/// <summary>Peers that cannot help must not stand in the way of one that can: real nodes, real refusals, real silence.</summary>
public sealed class BadPeersTests
{
    /// <summary>Nobody has it; an entry in peers.toml for an address where no node is.</summary>
    private const string NobodysKey = "ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    private const string NobodysOtherKey = "ed25519:PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=";

    private const int Misses = 41;

    /// <summary>
    /// Below what a request would wait for one connection attempt (500 ms) or one answer of the slow peer, which would be the
    /// same for every one. An idle machine needs a few milliseconds, a busy one now and then more than this; tools/bench
    /// measures what is exact.
    /// </summary>
    private static readonly TimeSpan InTime = TimeSpan.FromMilliseconds(400);

    /// <param name="milliseconds">How late the slow peer's answers are: given up for it, or still in time to be counted.</param>
    [BlackHoleTheory]
    [InlineData(2000)]
    [InlineData(700)]
    public async Task A_dead_a_silent_and_a_slow_peer_keep_no_miss_from_the_healthy_one(int milliseconds)
    {
        using DeadPort dead = new();
        using BlackHole silent = new();
        await using PeerNode healthy = await PeerNode.CreateAsync("healthy");
        await using PeerNode slow = await PeerNode.CreateAsync("slow");
        await using PeerNode node = await PeerNode.CreateAsync("node");
        string[] stems = await HoldAsync(healthy, slow);
        string calls = CountUpstream(node);
        await healthy.Knows(node).StartAsync();
        await slow.Knows(node).StartAsync();
        await using SlowRelay relay = new(IPEndPoint.Parse(slow.Address));
        slow.Address = relay.Address;
        node.Knows(healthy, "observe").Knows(slow, "observe").Sections = Entry("dead", dead.Address, NobodysKey) + Entry("silent", silent.Address, NobodysOtherKey);
        await node.StartAsync();
        foreach (string line in new[] { "Peer healthy connected", "Peer slow connected", "Peer dead at", "Peer silent at" })
        {
            await node.Process.WaitForLineAsync(line);
        }

        relay.Delay = TimeSpan.FromMilliseconds(milliseconds);
        List<TimeSpan> took = [];
        foreach (string stem in stems)
        {
            long start = Stopwatch.GetTimestamp();
            (int status, string source, byte[] body) = await node.GetAsync($"/{stem}.zip");
            took.Add(Stopwatch.GetElapsedTime(start));
            Assert.Equal((200, "peer:healthy"), (status, source));
            Assert.Equal((await healthy.GetAsync($"/{stem}.zip")).Body, body);
        }

        // A moment without a processor may start upstream beside the healthy peer for some; the other peers would for all.
        int upstream = File.Exists(calls) ? (await File.ReadAllLinesAsync(calls)).Length : 0;
        Assert.InRange(upstream, 0, Misses / 2);
        Assert.DoesNotContain("source=upstream", node.Process.Output, StringComparison.Ordinal);
        Assert.InRange(took.Order().ElementAt(Misses / 2), TimeSpan.Zero, InTime);
    }

    private static async Task<string[]> HoldAsync(params PeerNode[] holders)
    {
        string proxy = Path.GetDirectoryName(holders[0].Folder.Scratch("proxy/x"))!;
        string[] stems = SyntheticProxy.Write(proxy, modules: Misses, versionsOfEach: 1);
        foreach (PeerNode holder in holders)
        {
            await holder.ObserveAsync(proxy);
        }

        return stems;
    }

    /// <summary>A <c>go</c> that has nothing, and writes down what it was asked for.</summary>
    private static string CountUpstream(PeerNode node)
    {
        string calls = node.Folder.Scratch("calls");
        node.Folder.Upstream["goproxy"] = "\"direct\"";
        node.Folder.WriteGo($"""
            #!/bin/sh
            case "$1" in
            version) echo 'go version go1.19.8 linux/amd64' ;;
            env) echo go1.19.8 ;;
            *) echo "$*" >> '{calls}'; exit 1 ;;
            esac
            """);
        return calls;
    }

    private static string Entry(string name, string address, string key) =>
        $"[[peer]]\nname = \"{name}\"\nendpoint = \"{address}\"\nkey = \"{key}\"\ntrust = \"observe\"\n";
}
