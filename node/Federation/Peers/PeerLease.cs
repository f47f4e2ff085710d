namespace Athens.Federation.Node.Federation.Peers;

/// <summary>The right to one call to a peer; disposed when the call has ended.</summary>
internal sealed class PeerLease : IDisposable
{
    private readonly Peer peer;
    private int ended;

    public PeerLease(Peer peer) => this.peer = peer;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref ended, 1) == 0)
        {
            peer.Return();
        }
    }
}
