using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Node.Provenance.OwnLog;
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

    private readonly PeerWatches watches = new(limits, pacer, time);

    /// <param name="call">The call.</param>
    /// <param name="stream">Where heads go.</param>
    /// <param name="stopping">This node is going down.</param>
    public Task WatchAsync(ServedCall call, IServerStreamWriter<Wire.HeadNews> stream, CancellationToken stopping) =>
        watches.RunAsync(call, stream, TellAsync, stopping);

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

    private async Task TellAsync(StreamSender<Wire.HeadNews> sender, CancellationToken cancellationToken)
    {
        (SignedHead? Head, SignedHead? Cosigned) told = default;
        while (true)
        {
            Task moved = logs.Own.Moved;
            SignedHead? cosigned = logs.Own.Cosigned;
            if (logs.Own.Head is { } head && (head, cosigned) != told)
            {
                await sender.SendAsync(News(logs.Own, head, cosigned), cancellationToken);
                told = (head, cosigned);
            }

            await moved.WaitAsync(cancellationToken);
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
