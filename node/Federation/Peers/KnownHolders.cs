using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>Who holds what is believed, by the logs that are mirrored here.</summary>
internal sealed class KnownHolders(PeerTable table, HolderSearch search)
{
    /// <summary>For a connection to a far peer; nobody waits longer for one (DESIGN.md section 6).</summary>
    private static readonly TimeSpan VisitPatience = TimeSpan.FromMilliseconds(500);

    /// <summary>The quickest of the connected ones; when there is none, a far one that is connected for it. Who could not be reached of late costs nobody this time.</summary>
    /// <param name="fetch">What is wanted, and what is known of it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Peer?> FindAsync(PeerFetch fetch, CancellationToken cancellationToken)
    {
        if (fetch.Trust.Now.Believed is not { } believed)
        {
            return null;
        }

        HashSet<string> logs = [.. fetch.Trust.Records.Where(record => record.Number is not null && record.Hashes == believed).Select(static record => record.Log)];
        if (logs.Count == 0)
        {
            return null;
        }

        IReadOnlySet<Peer> near = table.Near;
        bool Holds(Peer peer) => peer.LastLog is { } log && logs.Contains(log.ToString()) && search.MayAsk(peer, fetch.Module.Path);

        // Not only among those that a search would ask: of a hundred peers it asks a few.
        return PeerOrder.Choose(table.Peers.Where(Holds), 1) is [var quickest] ? quickest : await table.VisitAsync(
            table.Peers.Where(peer => !near.Contains(peer) && peer is { IsSetAside: false, IsMissed: false } && Holds(peer)), VisitPatience, cancellationToken);
    }
}
