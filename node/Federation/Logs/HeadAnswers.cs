using Athens.Federation.Node.Federation.Identity;
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
    /// <summary>Streams of one peer: one, and those of connections that broke and are not yet known to be gone.</summary>
    public const int MaxWatches = 4;

    /// <summary>The protocol's bound of a head.</summary>
    public const int MaxNote = 64 << 10;

    private static readonly TimeSpan ComeBack = TimeSpan.FromSeconds(2);

    private readonly Tally<PeerKey> watches = new(MaxWatches);

    /// <param name="call">The call.</param>
    /// <param name="stream">Where heads go.</param>
    /// <param name="stopping">This node is going down.</param>
    public async Task WatchAsync(ServedCall call, IServerStreamWriter<Wire.HeadNews> stream, CancellationToken stopping)
    {
        PeerKey key = call.Peer.Key;
        if (!watches.TryAdd(key))
        {
            throw Refusal.TooMuch($"{MaxWatches} watches of this peer are under way", ComeBack);
        }

        try
        {
            // Who only waits does not count among the calls that a peer may have at once.
            call.MoveTo(limits.TryWait(call.Peer, 1) ?? throw Refusal.TooMuch("too much is waited for", ComeBack));
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(call.Cancelled, stopping);
            await using StreamSender<Wire.HeadNews> sender = new(call, stream, pacer, time);
            (SignedHead? Head, SignedHead? Cosigned) told = default;
            while (true)
            {
                Task moved = logs.Own.Moved;
                SignedHead? cosigned = logs.Own.Cosigned;
                if (logs.Own.Head is { } head && (head, cosigned) != told)
                {
                    await sender.SendAsync(News(head, cosigned), ending.Token);
                    told = (head, cosigned);
                }

                await moved.WaitAsync(ending.Token);
            }
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

    private static Wire.HeadNews News(SignedHead head, SignedHead? cosigned) => new()
    {
        Checkpoint = UnsafeByteOperations.UnsafeWrap(head.Checkpoint),
        Latest = UnsafeByteOperations.UnsafeWrap(head.Latest),
        CosignedCheckpoint = UnsafeByteOperations.UnsafeWrap(cosigned?.Checkpoint ?? default),
        CosignedLatest = UnsafeByteOperations.UnsafeWrap(cosigned?.Latest ?? default),
    };
}
