using System.Collections.Frozen;
using Athens.Federation.Node.Federation.Identity;

namespace Athens.Federation.Node.Federation;

/// <summary>The peers that the configuration names now; replaced whole when it is read anew. Safe for any thread.</summary>
internal sealed class PeerList
{
    private volatile Snapshot snapshot;

    /// <param name="peers">No two with the same name or key.</param>
    public PeerList(IReadOnlyList<PeerOptions> peers) => snapshot = new Snapshot(peers);

    /// <summary>Raised after <see cref="Replace"/>, on the thread that called it.</summary>
#pragma warning disable MA0046 // An event without a sender and arguments: there is one list, and it is asked for what changed.
    public event Action? Changed;
#pragma warning restore MA0046

    public IReadOnlyList<PeerOptions> Current => snapshot.Peers;

    /// <summary>The peer with this identity, or null: nobody else is talked to.</summary>
    public PeerOptions? Find(PeerKey key) => snapshot.ByKey.GetValueOrDefault(key);

    /// <exception cref="ArgumentException">Two of <paramref name="peers"/> have the same key; nothing has changed.</exception>
    public void Replace(IReadOnlyList<PeerOptions> peers)
    {
        snapshot = new Snapshot(peers);
        Changed?.Invoke();
    }

    private sealed class Snapshot
    {
        public Snapshot(IReadOnlyList<PeerOptions> peers)
        {
            Peers = [.. peers];
            Dictionary<PeerKey, PeerOptions> byKey = [];
            foreach (PeerOptions peer in Peers)
            {
                if (!byKey.TryAdd(peer.Key, peer))
                {
                    throw new ArgumentException($"the peers {byKey[peer.Key].Name} and {peer.Name} have the same key", nameof(peers));
                }
            }

            ByKey = byKey.ToFrozenDictionary();
        }

        public IReadOnlyList<PeerOptions> Peers { get; }

        public FrozenDictionary<PeerKey, PeerOptions> ByKey { get; }
    }
}
