using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Pool;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Pools;

/// <summary>
/// Tells one connected peer what is new, while that peer does not watch this node: it may not know where this node is by now, or not be able to reach it.
/// </summary>
internal sealed class PoolTeller(Peer peer, PoolBook book, PoolWatchers watchers, Signal changed, PeerDialer dialer, ILogger logger)
{
    /// <summary>Between two looks at whether the peer watches: it comes by itself soon after it hears where this node is.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    /// <summary>The same when there is nothing to tell; what changes in the pool is told at once.</summary>
    private static readonly TimeSpan IdleLook = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private string? said;

    public Task RunAsync(CancellationToken cancellationToken) =>
        new WatchLoop(peer, dialer, exception => logger.PoolFault(peer.Options.Name, exception)).RunAsync(TellAsync, cancellationToken);

    /// <summary>As long as the connection lasts.</summary>
    private async Task TellAsync(PeerLink link, CancellationToken cancellationToken)
    {
        PoolTelling? telling = null;
        while (peer.Link == link && !cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(dialer.Jitter(Look), dialer.Time, cancellationToken);
            if (book.Current is not { } state || !state.HasMember(dialer.Own.Bytes) || watchers.Has(peer.Options.Key))
            {
                telling = null;
                await watchers.GoneAsync(peer.Options.Key, cancellationToken);
                continue;
            }

            try
            {
                telling ??= await BeginAsync(link, state, cancellationToken);
                if (telling.IsLevel(state))
                {
                    await RestAsync(state, cancellationToken);
                    continue;
                }

                foreach (Wire.PoolNews news in telling.Take(state))
                {
                    await CallAsync(link, state, news, cancellationToken);
                }
            }
            catch (PeerCallException exception) when (!cancellationToken.IsCancellationRequested)
            {
                if (!string.Equals(said, exception.Fault.Reason, StringComparison.Ordinal))
                {
                    said = exception.Fault.Reason;
                    logger.PoolNotHeard(peer.Options.Name, said);
                }

                return;
            }
        }
    }

    private async Task RestAsync(PoolState told, CancellationToken cancellationToken)
    {
        Task next = changed.Next;
        if (ReferenceEquals(book.Current, told))
        {
            await Signal.WaitAsync(next, dialer.Jitter(IdleLook), dialer.Time, cancellationToken);
        }
    }

    private async Task<PoolTelling> BeginAsync(PeerLink link, PoolState state, CancellationToken cancellationToken)
    {
        Wire.TellPoolResponse known = await CallAsync(link, state, null, cancellationToken);
        return new PoolTelling(
            known.Roots.Take(PoolBounds.MaxKnownRoots).Select(static root => Convert.ToHexStringLower(root.Span)), dialer.Time, known.Statements);
    }

    private Task<Wire.TellPoolResponse> CallAsync(PeerLink link, PoolState state, Wire.PoolNews? news, CancellationToken cancellationToken) =>
        PeerCalls.TellPoolAsync(
            peer, link, new Wire.TellPoolRequest { Pool = state.WireId(), News = news }, dialer.Time.GetUtcNow().UtcDateTime + Limit, cancellationToken);
}
