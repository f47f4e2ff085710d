using System.Diagnostics;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Peers;

/// <content>Calls about the pool (pool.proto).</content>
internal sealed partial class PeerCalls
{
    /// <summary>News of the pool, unchecked, until the connection ends. It waits at the peer and does not count as a call under way. The reader notes failure on the peer.</summary>
    /// <exception cref="PeerCallException">The call did not end well.</exception>
    public static async IAsyncEnumerable<Wire.PoolNews> WatchPoolAsync(
        Peer peer, PeerLink link, Wire.WatchPoolRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using Activity? span = Begin(peer, "watchpool");
        Wire.PoolService.PoolServiceClient client = link.Pool
            ?? throw new PeerCallException(new CallFault(null, "nothing is asked about the pool here", TimeSpan.Zero), null);
        using AsyncServerStreamingCall<Wire.PoolNews> call = client.WatchPool(request, new CallOptions(cancellationToken: cancellationToken));
        while (await NextAsync(call.ResponseStream, "watchpool", span, cancellationToken))
        {
            yield return call.ResponseStream.Current;
        }

        End(span, "watchpool", "answered");
    }

    /// <summary>Tells the peer news of the pool, or asks which roots it knows.</summary>
    /// <exception cref="PeerCallException">The call did not end well; the caller notes nothing on the peer.</exception>
    public static async Task<Wire.TellPoolResponse> TellPoolAsync(Peer peer, PeerLink link, Wire.TellPoolRequest request, DateTime deadline, CancellationToken cancellationToken)
    {
        using Activity? span = Begin(peer, "tellpool");
        Wire.PoolService.PoolServiceClient client = link.Pool
            ?? throw new PeerCallException(new CallFault(null, "nothing is asked about the pool here", TimeSpan.Zero), null);
        try
        {
            Wire.TellPoolResponse response = await client.TellPoolAsync(request, new CallOptions(deadline: deadline, cancellationToken: cancellationToken));
            End(span, "tellpool", "answered");
            return response;
        }
        catch (RpcException exception)
        {
            End(span, "tellpool", "failed");
            throw new PeerCallException(CallFault.Of(exception), exception);
        }
        catch (ObjectDisposedException exception)
        {
            End(span, "tellpool", "failed");
            throw new PeerCallException(new CallFault(PeerFault.Unreachable, "the connection was closed", TimeSpan.Zero), exception);
        }
    }
}
