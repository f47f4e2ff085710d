using System.Numerics;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>Whom to ask, and in what order: the quick and idle first, the trusted first among equals.</summary>
internal static class PeerOrder
{
    /// <summary>Peers asked at once (DESIGN.md section 6): more would cost more than the ninth's answer is worth.</summary>
    public const int MostAsked = 8;

    /// <summary>Calls under way that make a peer count as twice as slow.</summary>
    private const int CallsForTwice = 16;

    /// <summary>
    /// The available peers to ask, the best first; at least half of the places go to trusted ones, as far as there are any:
    /// without a trusted record nothing can be accepted.
    /// </summary>
    public static IReadOnlyList<Peer> Choose(IEnumerable<Peer> peers, int most)
    {
        List<Peer> sorted = [.. peers.Where(static peer => peer.IsAvailable).OrderBy(Rating)];
        if (sorted.Count <= most)
        {
            return sorted;
        }

        HashSet<Peer> chosen = [.. sorted.Where(static peer => peer.IsTrusted).Take(most / 2)];
        foreach (Peer peer in sorted.TakeWhile(_ => chosen.Count < most))
        {
            chosen.Add(peer);
        }

        return [.. sorted.Where(chosen.Contains)];
    }

    /// <summary>Holders, the best first.</summary>
    public static IReadOnlyList<Holder> Sort(IEnumerable<Holder> holders) =>
        [.. holders.OrderBy(static holder => Rating(holder.Peer))];

    private static (int Magnitude, bool IsStranger, double Cost) Rating(Peer peer)
    {
        double cost = peer.Latency.TotalMilliseconds * (1 + ((double)peer.InFlight / CallsForTwice));
        // Equal is what is within a factor of two: below a millisecond all are, beyond nobody notices which it was.
        return (BitOperations.Log2((uint)Math.Clamp(cost, 1, 1 << 20)), !peer.IsTrusted, cost);
    }
}
