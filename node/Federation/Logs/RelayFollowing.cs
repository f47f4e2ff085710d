using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Federation.Logs;

/// <summary>
/// Follows the logs of peers that no connection is kept to (<see cref="NearPeers"/>) through relays: connected peers of the same organization, which follow them themselves.
/// Each log comes through one; another takes over when that one is lost. An organization so answers for its own logs: when it tells nothing of them, nothing else is missing.
/// </summary>
internal sealed class RelayFollowing : BackgroundService
{
    /// <summary>Connections come and go together, and each time all is shared out anew.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromSeconds(1);

    /// <summary>Whoever is set aside by now, or is not any more, is seen without being told.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(30);

    private readonly PeerTable table;
    private readonly LogFollowing logs;
    private readonly Dictionary<Peer, Running> running = [];

    public RelayFollowing(PeerTable table, LogFollowing logs)
    {
        this.table = table;
        this.logs = logs;
        table.Changed += table.Links.Tell;
    }

    public override void Dispose()
    {
        table.Changed -= table.Links.Tell;
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            Task changed = table.Links.Next;
            await ShareOutAsync(stoppingToken);
            await Signal.WaitAsync(changed, Look, logs.Time, stoppingToken);
            await Task.Delay(Gathering, logs.Time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll(running.Values.Select(static one => one.EndAsync()));
    }

    private async Task ShareOutAsync(CancellationToken stoppingToken)
    {
        Dictionary<Peer, Dictionary<uint, RelayedLog>> shares = Shares();
        foreach ((Peer relay, Running one) in running.Where(one => !shares.TryGetValue(one.Key, out var share) || !one.Value.Has(share)).ToList())
        {
            running.Remove(relay);
            await one.EndAsync();
        }

        foreach ((Peer relay, Dictionary<uint, RelayedLog> share) in shares.Where(share => !running.ContainsKey(share.Key)))
        {
            var ending = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            RelayFollower follower = new(relay, share, logs);
            running[relay] = new Running(share, Task.Run(() => follower.RunAsync(ending.Token), CancellationToken.None), ending);
        }
    }

    /// <summary>Which relay tells of which logs. A log stays where it is while its relay does.</summary>
    private Dictionary<Peer, Dictionary<uint, RelayedLog>> Shares()
    {
        Dictionary<Peer, Dictionary<uint, RelayedLog>> shares = [];
        IReadOnlySet<Peer> near = table.Near;
        IReadOnlyList<Peer> all = table.Peers;
        if (near.Count == all.Count)
        {
            return shares;
        }

        ILookup<string, Peer> relays = near.Where(static peer => peer.IsAvailable && peer.Options.Origin == PeerOrigin.Pool)
            .ToLookup(static peer => peer.Options.Org, StringComparer.Ordinal);
        foreach (Peer far in all.Where(peer => !near.Contains(peer) && logs.IsFollowed(peer)))
        {
            if (far.StatedLog is { } key && relays[far.Options.Org].MaxBy(relay => Affinity(relay, key)) is { } relay)
            {
                if (!shares.TryGetValue(relay, out Dictionary<uint, RelayedLog>? share))
                {
                    shares[relay] = share = [];
                }

                share.TryAdd(key.Hash, new RelayedLog(far, key));
            }
        }

        return shares;
    }

    /// <summary>Rendezvous hashing: relays share an organization's logs about equally, and when one goes only its own are shared out anew.</summary>
    private static ulong Affinity(Peer relay, NoteVerifier log) => (relay.Preference ^ log.Hash) * 0x9E37_79B9_7F4A_7C15 >> 16;

    private sealed class Running(Dictionary<uint, RelayedLog> share, Task task, CancellationTokenSource ending)
    {
        public bool Has(Dictionary<uint, RelayedLog> other) =>
            share.Count == other.Count && other.All(one => share.TryGetValue(one.Key, out RelayedLog? known) && known.Owner == one.Value.Owner);

        public async Task EndAsync()
        {
            await ending.CancelAsync();
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ending.Dispose();
        }
    }
}
