using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Provenance.Pool;
using Google.Protobuf;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Pools;

/// <summary>Watches what one peer knows of the pool.</summary>
internal sealed class PoolFollower(Peer peer, PoolBook book, PoolIntake intake, PeerDialer dialer, ILogger logger)
{
    private string? said;

    public Task RunAsync(CancellationToken cancellationToken) =>
        new WatchLoop(peer, dialer, exception => logger.PoolFault(peer.Options.Name, exception)).RunAsync(WatchAsync, cancellationToken);

    private async Task WatchAsync(PeerLink link, CancellationToken cancellationToken)
    {
        if (book.Current is not { } state)
        {
            return;
        }

        Wire.WatchPoolRequest request = new() { Pool = state.WireId(), Statements = UnsafeByteOperations.UnsafeWrap(state.StatementsDigest) };
        request.Roots.Add(state.NewestRoots());
        try
        {
            await foreach (Wire.PoolNews news in PeerCalls.WatchPoolAsync(peer, link, request, cancellationToken))
            {
                if (await intake.TakeAsync(peer.Options, news, cancellationToken) is { } reason)
                {
                    peer.Failed(PeerFault.Protocol, reason);
                    return;
                }
            }
        }
        catch (PeerCallException exception) when (!cancellationToken.IsCancellationRequested)
        {
            if (exception.Fault.Fault is { } fault and not PeerFault.Unreachable)
            {
                peer.Failed(fault, exception.Fault.Reason, exception.Fault.Pushback);
            }

            if (!string.Equals(said, exception.Fault.Reason, StringComparison.Ordinal))
            {
                said = exception.Fault.Reason;
                logger.PoolNotTold(peer.Options.Name, said);
            }
        }
        catch (IOException exception)
        {
            logger.PoolNotKept(exception.Message);
        }
    }
}
