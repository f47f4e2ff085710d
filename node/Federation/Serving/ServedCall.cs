using Grpc.Core;

namespace Athens.Federation.Node.Federation.Serving;

/// <summary>A call that was let in. It has a place until its answer has left, or nobody can take it any more.</summary>
internal sealed class ServedCall(PeerOptions peer, CallLease place, ServerCallContext context) : IDisposable
{
    private CallLease place = place;

    /// <summary>Who calls, as the configuration names it.</summary>
    public PeerOptions Peer => peer;

    public ServerCallContext Context => context;

    /// <summary>The caller has gone, has cancelled, or its deadline is over.</summary>
    public CancellationToken Cancelled => context.CancellationToken;

    /// <summary>From now on the call has the other place, and its first is free.</summary>
    public void MoveTo(CallLease other)
    {
        place.Dispose();
        place = other;
    }

    public void Dispose() => place.Dispose();
}
