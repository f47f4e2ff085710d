using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Logs;
using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Node.Provenance;
using Google.Protobuf;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Pools;

/// <summary>Tells members what this node knows of the pool, each thing once in a stream.</summary>
internal sealed class PoolAnswers : IDisposable
{
    private readonly PoolBook book;
    private readonly PoolWatchers watchers;
    private readonly PeerWatches watches;

    private readonly PoolIntake intake;
    private readonly TimeProvider time;
    private readonly Signal changed = new();

    public PoolAnswers(PoolBook book, PoolWatchers watchers, PoolIntake intake, PeerLimits limits, EgressPacer pacer, TimeProvider time)
    {
        this.book = book;
        this.watchers = watchers;
        this.intake = intake;
        this.time = time;
        watches = new PeerWatches(limits, pacer, time);
        book.Changed += changed.Tell;
    }

    /// <param name="call">The call.</param>
    /// <param name="request">Not yet checked.</param>
    /// <param name="stream">Where news go.</param>
    /// <param name="stopping">This node is going down.</param>
    public async Task WatchAsync(ServedCall call, Wire.WatchPoolRequest request, IServerStreamWriter<Wire.PoolNews> stream, CancellationToken stopping)
    {
        if (request.Pool.Length != PoolBounds.HashSize
            || request.Roots.Count is 0 or > PoolBounds.MaxKnownRoots
            || request.Roots.Any(static root => root.Length != PoolBounds.HashSize)
            || request.Statements.Length is not (0 or PoolBounds.HashSize))
        {
            throw Refusal.Invalid($"a pool, 1 to {PoolBounds.MaxKnownRoots} roots and the statements are named by {PoolBounds.HashSize} bytes each");
        }

        string pool = Convert.ToHexStringLower(request.Pool.Span);
        PoolTelling telling = new(request.Roots.Select(static root => Convert.ToHexStringLower(root.Span)), time, request.Statements);
        watchers.Add(call.Peer.Key);
        try
        {
            await watches.RunAsync(call, stream, (sender, cancellationToken) => TellAsync(call, pool, telling, sender, cancellationToken), stopping);
        }
        finally
        {
            watchers.Remove(call.Peer.Key);
        }
    }

    /// <param name="call">The call.</param>
    /// <param name="request">Not yet checked.</param>
    public async Task<Wire.TellPoolResponse> HearAsync(ServedCall call, Wire.TellPoolRequest request)
    {
        Common(call, Convert.ToHexStringLower(request.Pool.Span));
        if (request.News is { } news && await intake.HearAsync(call.Peer, news, call.Cancelled) is { } reason)
        {
            throw Refusal.Invalid(reason);
        }

        Wire.TellPoolResponse response = new();
        if (book.Current is { } now)
        {
            response.Roots.Add(now.NewestRoots());
            response.Statements = UnsafeByteOperations.UnsafeWrap(now.StatementsDigest);
        }

        return response;
    }

    public void Dispose() => book.Changed -= changed.Tell;

    private async Task TellAsync(ServedCall call, string pool, PoolTelling telling, StreamSender<Wire.PoolNews> sender, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task next = changed.Next;
            PoolState state = Common(call, pool);
            foreach (Wire.PoolNews news in telling.Take(state))
            {
                await sender.SendAsync(news, cancellationToken);
            }

            if (telling.NextIn is not { } delay)
            {
                await next.WaitAsync(cancellationToken);
                continue;
            }

            await Signal.WaitAsync(next, delay, time, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>The pool of this node, as long as the caller is a member of it too.</summary>
    private PoolState Common(ServedCall call, string pool) =>
        book.Current is { } state
        && string.Equals(state.Id, pool, StringComparison.Ordinal)
        && (state.HasMember(call.Peer.Key.Bytes) || call.Peer.Origin == PeerOrigin.Pool)
            ? state
            : throw Refusal.Of(StatusCode.FailedPrecondition, "this node and the caller are not members of one pool");
}
