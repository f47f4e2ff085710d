using System.Net.Sockets;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>A connection that says when it is closed: HTTP itself tells nobody until the next request fails.</summary>
internal sealed class WatchedStream : NetworkStream
{
    private readonly Action closed;
    private int isClosed;

    public WatchedStream(Socket socket, Action closed)
        : base(socket, ownsSocket: true) => this.closed = closed;

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (Interlocked.Exchange(ref isClosed, 1) == 0)
        {
            closed();
        }
    }
}
