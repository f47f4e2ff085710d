using System.Net;
using Athens.Federation.Node.Federation.Identity;

namespace Athens.Federation.Simulator.Network;

/// <summary>A running process on the network.</summary>
/// <param name="number">Of the node, from 0 on.</param>
/// <param name="org">Number of its organization.</param>
/// <param name="key">Its identity, as its certificate would prove it.</param>
internal sealed class SimulatedHost(int number, int org, PeerKey key)
{
    private readonly HashSet<SimulatedLine> lines = [];

    public int Number => number;

    public int Org => org;

    public PeerKey Key => key;

    public IPAddress Address { get; } = new([10, (byte)org, (byte)(number >> 8), (byte)number]);

    /// <summary>What it answers; set before it is added to the network.</summary>
    public ServiceTable Services { get; } = new();

    /// <summary>Whether its handshake lets a key in.</summary>
    public Func<PeerKey, bool> IsWelcome { get; set; } = static _ => true;

    /// <summary>What it does to a call before its services see it; throws, or never ends, where it is hostile.</summary>
    public Func<string, CancellationToken, Task>? Mischief { get; set; }

    /// <summary>What it does to an answer.</summary>
    public Func<object, object>? Forgery { get; set; }

    public void Add(SimulatedLine line) => lines.Add(line);

    public void Remove(SimulatedLine line) => lines.Remove(line);

    public void CutLines(Func<SimulatedLine, bool> which)
    {
        foreach (SimulatedLine line in lines.Where(which).ToList())
        {
            line.Cut();
        }
    }
}
