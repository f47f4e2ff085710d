using System.Collections.Concurrent;
using Athens.Federation.Node.Federation.Identity;

namespace Athens.Federation.Node.Federation.Pools;

/// <summary>The peers that watch the pool here now, and so need not be told. Thread safe.</summary>
internal sealed class PoolWatchers
{
    // As many entries as there are streams, which are few for each peer.
    private readonly ConcurrentDictionary<PeerKey, int> counts = [];

    public bool Has(PeerKey peer) => counts.ContainsKey(peer);

    public void Add(PeerKey peer) => counts.AddOrUpdate(peer, 1, static (_, count) => count + 1);

    public void Remove(PeerKey peer)
    {
        // Of two that end at once, the one that finds none left takes the entry out.
        if (counts.AddOrUpdate(peer, 0, static (_, count) => count - 1) <= 0)
        {
            counts.TryRemove(KeyValuePair.Create(peer, 0));
        }
    }
}
