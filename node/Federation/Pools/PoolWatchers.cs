using Athens.Federation.Node.Federation.Identity;

namespace Athens.Federation.Node.Federation.Pools;

/// <summary>The peers that watch the pool here now, and so need not be told. Thread safe.</summary>
internal sealed class PoolWatchers
{
    // Guards itself. As many entries as there are streams, which are few for each peer.
    private readonly Dictionary<PeerKey, Watching> watching = [];

    public bool Has(PeerKey peer)
    {
        lock (watching)
        {
            return watching.ContainsKey(peer);
        }
    }

    /// <summary>Waits until the peer does not watch; not at all when it does not now.</summary>
    public Task GoneAsync(PeerKey peer, CancellationToken cancellationToken)
    {
        lock (watching)
        {
            return watching.TryGetValue(peer, out Watching? one) ? one.Gone.Task.WaitAsync(cancellationToken) : Task.CompletedTask;
        }
    }

    public void Add(PeerKey peer)
    {
        lock (watching)
        {
            if (!watching.TryGetValue(peer, out Watching? one))
            {
                watching[peer] = one = new Watching();
            }

            one.Streams++;
        }
    }

    public void Remove(PeerKey peer)
    {
        lock (watching)
        {
            if (watching.TryGetValue(peer, out Watching? one) && --one.Streams == 0)
            {
                watching.Remove(peer);
                one.Gone.SetResult();
            }
        }
    }

    private sealed class Watching
    {
        public int Streams { get; set; }

        public TaskCompletionSource Gone { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
