using System.Diagnostics;
using Athens.Federation.Tests.Integration;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Isolation;

/// <summary>
/// Three real nodes that believe one another, on one LAN (this machine), each with an upstream of its own: the real <c>go</c>
/// on a folder of modules, through a script that writes down what it is asked for.
/// </summary>
internal sealed class Lan : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new("lan");

    private Lan()
    {
    }

    public List<PeerNode> Nodes { get; } = [];

    /// <summary>Stems of what upstream has: <c>PATH/@v/VERSION</c>.</summary>
    public string[] Stems { get; private set; } = [];

    private string Proxy => folder.File("proxy");

    /// <param name="modules">How many upstream has.</param>
    /// <param name="lanWait">As in the configuration.</param>
    /// <param name="hold">Downloads wait until <see cref="Release"/>.</param>
    public static async Task<Lan> StartAsync(int modules, string lanWait, bool hold)
    {
        Lan lan = new();
        lan.Stems = SyntheticProxy.Write(lan.Proxy, modules, versionsOfEach: 1);
        GoRepositories go = await GoRepositories.SharedAsync();
        for (int i = 0; i < 3; i++)
        {
            PeerNode node = await PeerNode.CreateAsync($"n{i}", go);
            lan.Nodes.Add(node);
            node.Folder.Upstream["goproxy"] = $"\"file://{lan.Proxy}\"";
            node.Sections = $"[pool]\nlan_wait = \"{lanWait}\"\n";
            lan.WriteGo(node, hold);
        }

        foreach (PeerNode node in lan.Nodes)
        {
            lan.Others(node).ForEach(other => node.Knows(other, "observe"));
            await node.StartAsync();
        }

        foreach (PeerNode node in lan.Nodes)
        {
            // Each address is known once all run.
            await node.ReloadAsync();
            foreach (PeerNode other in lan.Others(node))
            {
                await node.Process.WaitForLineAsync($"Peer {other.Name} connected");
            }
        }

        return lan;
    }

    public List<PeerNode> Others(PeerNode node) => Nodes.FindAll(other => other != node);

    public byte[] Zip(string stem) => File.ReadAllBytes(Path.Combine(Proxy, stem + ".zip"));

    /// <summary>What this node has asked upstream for, in order.</summary>
    public string[] Downloads(PeerNode node) => File.Exists(Calls(node)) ? File.ReadAllLines(Calls(node)) : [];

    /// <summary>Waits until some node asks upstream, and gives it.</summary>
    public async Task<PeerNode> ElectedAsync(TimeSpan limit)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            if (Nodes.Find(node => Downloads(node).Length > 0) is { } elected)
            {
                return elected;
            }

            Assert.True(Stopwatch.GetElapsedTime(start) < limit, "nobody goes upstream");
            await ShortPause.TakeAsync();
        }
    }

    /// <summary>Downloads of this node wait no longer.</summary>
    public void Release(PeerNode node) => File.WriteAllText(node.Folder.Scratch("release"), "");

    public async ValueTask DisposeAsync()
    {
        foreach (PeerNode node in Nodes)
        {
            await node.DisposeAsync();
        }

        folder.Dispose();
    }

    private static string Calls(PeerNode node) => node.Folder.Scratch("calls");

    private void WriteGo(PeerNode node, bool hold)
    {
        string wait = hold ? $"while [ ! -e '{node.Folder.Scratch("release")}' ] && [ -e \"$0\" ]; do sleep 0.05; done" : "";
        node.Folder.WriteGo($"""
            #!/bin/sh
            case "$*" in
            "mod download"*) echo "$*" >> '{Calls(node)}'; {wait} ;;
            esac
            exec go "$@"
            """);
    }
}
