using System.Collections.Frozen;
using Athens.Federation.Node.Federation.Identity;

namespace Athens.Federation.Node.Federation;

/// <summary>
/// The peers of this node now, whoever says so: each <see cref="PeerOrigin"/> sets its own, and where several name one key the first origin
/// decides. Safe for any thread.
/// </summary>
internal sealed class PeerList
{
    /// <summary>All together: each costs a connection.</summary>
    public const int MaxPeers = 1000;

    // Guards changes; the snapshot is replaced whole and read without it.
    private readonly Lock gate = new();
    private readonly PeerOptions[][] origins = [.. Enum.GetValues<PeerOrigin>().Select(static _ => Array.Empty<PeerOptions>())];
    private volatile Snapshot snapshot = new([]);

    /// <param name="configured">Those of the configuration, no two with the same key.</param>
    public PeerList(IReadOnlyList<PeerOptions> configured) => Set(PeerOrigin.Configuration, configured);

    /// <summary>Raised after <see cref="Set"/> when the peers are others than before, on the thread that called it.</summary>
#pragma warning disable MA0046 // An event without a sender and arguments: there is one list, and it is asked for what changed.
    public event Action? Changed;
#pragma warning restore MA0046

    /// <summary>All, those of the configuration first.</summary>
    public IReadOnlyList<PeerOptions> Current => snapshot.Peers;

    /// <summary>The peer with this identity, or null: nobody else is talked to.</summary>
    public PeerOptions? Find(PeerKey key) => snapshot.ByKey.GetValueOrDefault(key);

    /// <summary>What one origin says, whether or not another decides.</summary>
    public IReadOnlyList<PeerOptions> Of(PeerOrigin origin)
    {
        lock (gate)
        {
            return origins[(int)origin];
        }
    }

    /// <summary>Puts these in the place of what the origin has said before. Beyond <see cref="MaxPeers"/> in all, the last are left out.</summary>
    /// <exception cref="ArgumentException">Two of <paramref name="peers"/> have the same key; nothing has changed.</exception>
    public void Set(PeerOrigin origin, IReadOnlyList<PeerOptions> peers)
    {
        PeerOptions[] said = [.. peers.Select(peer => peer with { Origin = origin })];
        if (said.CountBy(static peer => peer.Key).FirstOrDefault(static key => key.Value > 1) is { Value: > 1 } twice)
        {
            throw new ArgumentException($"two peers have the key {twice.Key}", nameof(peers));
        }

        lock (gate)
        {
            origins[(int)origin] = said;
            var before = snapshot;
            snapshot = new Snapshot([.. origins.SelectMany(static one => one).DistinctBy(static peer => peer.Key).Take(MaxPeers)]);
            if (before.Peers.SequenceEqual(snapshot.Peers))
            {
                return;
            }
        }

        Changed?.Invoke();
    }

    private sealed class Snapshot(PeerOptions[] peers)
    {
        public IReadOnlyList<PeerOptions> Peers => peers;

        public FrozenDictionary<PeerKey, PeerOptions> ByKey { get; } = peers.ToFrozenDictionary(static peer => peer.Key);
    }
}
