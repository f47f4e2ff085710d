using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Transparency;
using Google.Protobuf;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Logs;

/// <summary>Answers Watch and SeenHead: the heads of this node's own log.</summary>
internal sealed class HeadAnswers(ServedLogs logs, PeerLimits limits, EgressPacer pacer, TimeProvider time)
{
    /// <summary>The protocol's bound of a head.</summary>
    public const int MaxNote = 64 << 10;

    /// <summary>
    /// Between two tellings of one head's cosignatures, which come one by one: with as many witnesses and watchers as a large pool has, each of them told to
    /// each would be thousands of times what the log itself has to say.
    /// </summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromSeconds(1);

    private readonly PeerWatches watches = new(limits, pacer, time);

    /// <param name="call">The call.</param>
    /// <param name="request">Says whether cosigned heads are wanted.</param>
    /// <param name="stream">Where heads go.</param>
    /// <param name="stopping">This node is going down.</param>
    public Task WatchAsync(ServedCall call, Wire.WatchRequest request, IServerStreamWriter<Wire.HeadNews> stream, CancellationToken stopping) =>
        watches.RunAsync(call, stream, (sender, cancellationToken) => TellAsync(request.Cosigned, sender, cancellationToken), stopping);

    public async Task<Wire.SeenHeadResponse> SeenAsync(ServedCall call, Wire.SeenHeadRequest request)
    {
        if (request.Checkpoint.Length > MaxNote)
        {
            throw Refusal.Invalid($"a head has at most {MaxNote} bytes");
        }

        return await logs.Own.CompareAsync(request.Checkpoint.Memory, call.Cancelled) is { } reason
            ? throw Refusal.Invalid(reason)
            : new Wire.SeenHeadResponse();
    }

    private async Task TellAsync(bool withCosigned, StreamSender<Wire.HeadNews> sender, CancellationToken cancellationToken)
    {
        (TreeHead? Head, SignedHead? Cosigned) told = default;
        long gatheredAt = 0;
        while (true)
        {
            Task moved = logs.Own.Moved;
            SignedHead? cosigned = withCosigned ? logs.Own.Cosigned : null;
            TimeSpan rest = Timeout.InfiniteTimeSpan;
            if (logs.Own.Head is { } head && (head.Tree, cosigned) != told)
            {
                rest = told.Head == head.Tree && gatheredAt != 0 ? Gathering - time.GetElapsedTime(gatheredAt) : TimeSpan.Zero;
                if (rest <= TimeSpan.Zero)
                {
                    await sender.SendAsync(News(logs.Own, head, cosigned), cancellationToken);
                    gatheredAt = cosigned == told.Cosigned ? gatheredAt : time.GetTimestamp();
                    told = (head.Tree, cosigned);
                    rest = Timeout.InfiniteTimeSpan;
                }
            }

            await Signal.WaitAsync(moved, rest, time, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static Wire.HeadNews News(NodeLog log, SignedHead head, SignedHead? cosigned) => new()
    {
        Checkpoint = UnsafeByteOperations.UnsafeWrap(head.Checkpoint),
        Latest = UnsafeByteOperations.UnsafeWrap(head.Latest),
        CosignedCheckpoint = UnsafeByteOperations.UnsafeWrap(cosigned?.Checkpoint ?? default),
        CosignedLatest = UnsafeByteOperations.UnsafeWrap(cosigned?.Latest ?? default),
        Rotation = UnsafeByteOperations.UnsafeWrap(log.Rotation?.Note ?? default),
    };
}
