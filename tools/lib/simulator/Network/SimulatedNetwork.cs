using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Simulator.Clock;

namespace Athens.Federation.Simulator.Network;

/// <summary>Which nodes are there, which of them reach one another, and how long a message takes.</summary>
/// <param name="time">The clock.</param>
/// <param name="random">Of the network alone.</param>
/// <param name="traffic">Is told of every message.</param>
internal sealed class SimulatedNetwork(SimulatedTime time, Random random, Traffic traffic)
{
    /// <summary>TLS over TCP gives up (HttpLine.ConnectLimit).</summary>
    public static readonly TimeSpan ConnectLimit = TimeSpan.FromMilliseconds(500);

    /// <summary>A connection over which nothing comes is noticed after this (HttpLine: a ping after 15 s, 5 s for its answer).</summary>
    public static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(20);

    /// <summary>Bytes a second of a node's line.</summary>
    private const double Bandwidth = 12_500_000;

    private readonly Dictionary<PeerKey, List<SimulatedHost>> hosts = [];

    public SimulatedTime Time => time;

    public Traffic Traffic => traffic;

    /// <summary>Sides of the network that do not reach one another now; null: all do.</summary>
    public Func<int, int>? SideOf { get; private set; }

    public void Add(SimulatedHost host)
    {
        if (!hosts.TryGetValue(host.Key, out List<SimulatedHost>? same))
        {
            hosts[host.Key] = same = [];
        }

        same.Add(host);
    }

    /// <summary>A process is gone: whoever is connected to it notices.</summary>
    public void Remove(SimulatedHost host)
    {
        hosts[host.Key].Remove(host);
        host.CutLines(static _ => true);
    }

    /// <summary>The process that answers for an identity. Of several with one key, as a forger has them, each caller always meets the same one.</summary>
    public SimulatedHost? Find(PeerKey key, int caller) => hosts.TryGetValue(key, out List<SimulatedHost>? same) && same.Count > 0 ? same[caller % same.Count] : null;

    public bool AreTogether(int one, int other) => SideOf is not { } side || side(one) == side(other);

    /// <summary>The network falls into parts by organization. Connections between them are noticed to be dead a while later.</summary>
    public void Split(Func<int, int> sideOf)
    {
        SideOf = sideOf;
        _ = CutLaterAsync();
    }

    public void Heal() => SideOf = null;

    /// <summary>One way of a message of so many bytes.</summary>
    public TimeSpan Transit(SimulatedHost from, SimulatedHost to, int bytes)
    {
        // Inside an organization a building, else a country or two. In whole milliseconds: Task.Delay leaves the rest out.
        double fixedPart = from.Org == to.Org ? 1 : 5 + (HashCode(from.Number, to.Number) % 40);
        return TimeSpan.FromMilliseconds(Math.Ceiling((fixedPart * (1 + (0.1 * random.NextDouble()))) + (bytes / Bandwidth * 1000)));
    }

    private static int HashCode(int one, int other)
    {
        (int low, int high) = one < other ? (one, other) : (other, one);
        return (int)(((uint)((low * 73_856_093) ^ (high * 19_349_663))) >> 4);
    }

    private async Task CutLaterAsync()
    {
        await Task.Delay(SilenceLimit, time);
        foreach (SimulatedHost host in hosts.Values.SelectMany(static same => same).ToList())
        {
            host.CutLines(line => !AreTogether(line.From.Org, line.To?.Org ?? line.From.Org));
        }
    }
}
