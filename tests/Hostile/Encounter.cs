using System.Text;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Storage;

namespace Athens.Federation.Tests.Hostile;

/// <summary>One case: a hostile peer joins the node and the honest one; what must hold in every case is asserted here.</summary>
internal sealed class Encounter : IAsyncDisposable
{
    /// <summary>
    /// The most resident memory that the node may take beyond what it had, whatever one peer sends: the frames and windows of a
    /// module's streams, what checking a zip takes, and garbage that is not collected yet. 13 MiB was the most ever seen.
    /// </summary>
    public const long MostGrowth = 64L << 20;

    /// <summary>The most that the node may have in all, after every case before. 202 MiB was the most ever seen, 120 of it the runtime and its code.</summary>
    public const long MostResident = 384L << 20;

    /// <summary>A small zip comes in one stream of several frames, a large one in chunks.</summary>
    public const int Small = 300 << 10;

    public const int Large = 12 << 20;

    /// <summary>
    /// A machine with other work may be this much slower from one moment to the next, whoever lies; more when there is more work than
    /// it has cores for.
    /// </summary>
    private static readonly TimeSpan Floor = TimeSpan.FromSeconds(1.5);

    /// <summary>Whom the node asks first is its own choice: modules are fetched until the liar had its turn.</summary>
    private const int MostAttempts = 20;

    private readonly NodeUnderTest node;
    private readonly HostileServer? server;
    private readonly int logStart;
    private readonly ProcessMemory memory;
    private HostileServer? other;

    private Encounter(NodeUnderTest node, HostileServer? server, int fill, TimeSpan honestTime)
    {
        this.node = node;
        this.server = server;
        Fill = fill;
        HonestTime = honestTime;
        logStart = node.Process.Output.Length;
        memory = ProcessMemory.WatchFrom(node.Process.Id);
    }

    public int Fill { get; }

    /// <summary>How long it took just before, without the hostile peer.</summary>
    public TimeSpan HonestTime { get; }

    public TimeSpan MostTime => TimeSpan.FromTicks(Math.Max(2 * HonestTime.Ticks, (HonestTime + (Floor * ProcessMemory.Crowd())).Ticks));

    public HostilePeer Liar => server!.Peer;

    /// <summary>What the node has logged since the case began.</summary>
    public string Log => node.Process.Output[logStart..];

    /// <param name="node">The node.</param>
    /// <param name="name">Of the liar; another one in every case.</param>
    /// <param name="fill">Bytes of the modules that are fetched.</param>
    /// <param name="trust">Whether the liar's records are believed.</param>
    /// <param name="prepare">What makes it hostile.</param>
    /// <param name="connects">It gets as far as being connected.</param>
    public static async Task<Encounter> BeginAsync(
        NodeUnderTest node, string name, int fill = Small, string trust = "observe", Action<HostilePeer>? prepare = null, bool connects = true)
    {
        TimeSpan honest = await node.MeasureAsync(fill);
        HostilePeer liar = new(name);
        prepare?.Invoke(liar);
        HostileServer server = await HostileServer.StartAsync(liar);
        Encounter encounter = new(node, server, fill, honest);
        await node.KnowAsync("observe", (name, server.Address, liar.Key, trust));
        if (connects)
        {
            await node.Process.WaitForLineAsync($"Peer {name} connected");
        }

        return encounter;
    }

    /// <summary>Something at an address that stands in peers.toml as a peer, and is none.</summary>
    public static async Task<Encounter> BeginAtAsync(NodeUnderTest node, string name, string address)
    {
        using SigningKey key = SigningKey.Create(name);
        Encounter encounter = new(node, null, Small, await node.MeasureAsync(Small));
        await node.KnowAsync("observe", (name, address, PeerKey.Of(key.PublicKey.Span), "observe"));
        return encounter;
    }

    /// <summary>One more hostile peer, beside the liar.</summary>
    public async Task JoinAsync(string name, Action<HostilePeer> prepare)
    {
        HostilePeer peer = new(name);
        prepare(peer);
        other = await HostileServer.StartAsync(peer);
        await node.KnowAsync(
            "observe", (Liar.Name, server!.Address, Liar.Key, "observe"), (name, other.Address, peer.Key, "observe"));
        await node.Process.WaitForLineAsync($"Peer {name} connected");
    }

    /// <summary>A module version that the honest peer holds, and the hostile ones say that they do.</summary>
    public async Task<SampleModule> NewAsync(Func<int, SampleModule>? make = null)
    {
        SampleModule module = await node.NewModuleAsync(Fill, make);
        server?.Peer.Hold(module);
        other?.Peer.Hold(module);
        return module;
    }

    public async Task<(int Status, string Body)> AskAsync(string path)
    {
        (int status, byte[] body) = await node.AskAsync(path);
        return (status, Encoding.UTF8.GetString(body));
    }

    /// <summary>What a developer reads of a module version that is not to be had.</summary>
    public async Task<(int Status, string Words)> RefusedAsync(bool isHeldByHonest = true)
    {
        SampleModule module = isHeldByHonest ? await NewAsync() : SampleModule.Make($"example.org/alone/{Liar.Name}");
        Liar.Hold(module);
        return await AskAsync($"/{module.Module.Path}/@v/{module.Module.Version}.zip");
    }

    public Task AssertLoggedAsync(string words) =>
        NodeUnderTest.EventuallyAsync(() => Log.Contains(words, StringComparison.Ordinal), () => $"not logged: {words}\n{Log}");

    /// <summary>A module version that both say they hold, fetched as a developer does.</summary>
    public async Task<SampleModule> FetchAsync(Func<int, SampleModule>? make = null)
    {
        SampleModule module = await NewAsync(make);
        TimeSpan took = await node.GetAsync(module);
        Assert.True(took <= MostTime, $"{module.Module} took {took.TotalMilliseconds:0} ms, {HonestTime.TotalMilliseconds:0} ms without the liar\n{Log}");
        return module;
    }

    /// <summary>Fetches until the liar has lied.</summary>
    public async Task FetchUntilLiedToAsync(Func<int, SampleModule>? make = null)
    {
        for (int i = 0; i < MostAttempts && Liar.Lies == 0; i++)
        {
            await FetchAsync(make);
        }

        Assert.True(Liar.Lies > 0, $"the liar was never asked\n{Log}");
    }

    /// <summary>Fetches until the liar is set aside: it may have to have its turn more than once until others can tell.</summary>
    public async Task FetchUntilSetAsideAsync(string fault)
    {
        for (int i = 0; i < MostAttempts && !IsSetAside(fault); i++)
        {
            await FetchAsync();
        }

        Assert.True(Liar.Lies > 0, $"the liar was never asked\n{Log}");
    }

    /// <summary>The operator is told that the liar is set aside.</summary>
    public Task AssertSetAsideAsync(string fault) =>
        NodeUnderTest.EventuallyAsync(() => IsSetAside(fault), () => $"the liar was not set aside for {fault}\n{Log}");

    /// <summary>Memory, the store, the honest peer's standing, and no fault of the node's own.</summary>
    public async Task AssertUnharmedAsync()
    {
        Assert.InRange(memory.Growth, long.MinValue, MostGrowth);
        Assert.InRange(memory.Peak, 0, MostResident);
        await node.AssertStoreIsHonestAsync();
        Assert.DoesNotContain("Peer honest is not asked", Log, StringComparison.Ordinal);
        Assert.DoesNotContain("SECURITY: peer honest", Log, StringComparison.Ordinal);
        Assert.DoesNotContain("fault of this node", Log, StringComparison.Ordinal);
    }

    private bool IsSetAside(string fault)
    {
        string words = fault == "Lied" ? $"SECURITY: peer {Liar.Name} " : $"Peer {Liar.Name} is not asked for";
        return Log.Split('\n').Any(line => line.Contains(words, StringComparison.Ordinal) && (fault == "Lied" || line.Contains($" {fault}: ", StringComparison.Ordinal)));
    }

    public async ValueTask DisposeAsync()
    {
        await node.KnowAsync("observe");
        foreach (HostileServer open in new[] { server, other }.OfType<HostileServer>())
        {
            await open.DisposeAsync();
        }
    }
}
