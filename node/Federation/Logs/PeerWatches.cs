using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Serving;
using Grpc.Core;

namespace Athens.Federation.Node.Federation.Logs;

/// <summary>Streams of one kind that peers keep open to be told of changes: few of each, and each until the peer or this node goes.</summary>
internal sealed class PeerWatches(PeerLimits limits, EgressPacer pacer, TimeProvider time)
{
    /// <summary>Streams of one peer: one, and those of connections that broke and are not yet known to be gone.</summary>
    public const int MaxOfPeer = 4;

    private static readonly TimeSpan ComeBack = TimeSpan.FromSeconds(2);

    private readonly Tally<PeerKey> watches = new(MaxOfPeer);

    /// <param name="call">The call.</param>
    /// <param name="stream">Where news go.</param>
    /// <param name="tell">Tells for as long as its token lets it.</param>
    /// <param name="stopping">This node is going down.</param>
    public async Task RunAsync<T>(
        ServedCall call, IServerStreamWriter<T> stream, Func<StreamSender<T>, CancellationToken, Task> tell, CancellationToken stopping)
        where T : Google.Protobuf.IMessage
    {
        PeerKey key = call.Peer.Key;
        if (!watches.TryAdd(key))
        {
            throw Refusal.TooMuch($"{MaxOfPeer} watches of this peer are under way", ComeBack);
        }

        try
        {
            // Who only waits does not count among the calls that a peer may have at once.
            call.MoveTo(limits.TryWait(call.Peer, 1) ?? throw Refusal.TooMuch("too much is waited for", ComeBack));
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(call.Cancelled, stopping);
            await using StreamSender<T> sender = new(call, stream, pacer, time);
            await tell(sender, ending.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && !call.Cancelled.IsCancellationRequested)
        {
            throw Refusal.Of(StatusCode.Unavailable, "this node is going down");
        }
        finally
        {
            watches.Remove(key);
        }
    }
}
