using Grpc.Core;

namespace Athens.Federation.Node.Federation.Serving;

/// <summary>A call that was let in.</summary>
/// <param name="Peer">Who calls, as the configuration names it.</param>
/// <param name="Lease">The call's place; a call that only waits gives it back early.</param>
/// <param name="Context">The call itself.</param>
internal sealed record ServedCall(PeerOptions Peer, CallLease Lease, ServerCallContext Context)
{
    /// <summary>The caller has gone, has cancelled, or its deadline is over.</summary>
    public CancellationToken Cancelled => Context.CancellationToken;
}
