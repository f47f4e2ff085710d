using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Pool;

namespace Athens.Federation.Node.Federation.Pools;

/// <summary>Takes what connected peers know of the pool, and tells those that do not ask. What anybody sends is believed for its signatures alone.</summary>
internal sealed class PoolFollowing : BackgroundService
{
    private readonly PeerLoops loops;
    private readonly PoolBook book;
    private readonly Signal changed = new();

    public PoolFollowing(PeerTable table, PeerDialer dialer, PoolServingParts parts, ILogger<PoolFollowing> logger)
    {
        book = parts.Book;
        loops = new PeerLoops(
            table,
            () => book.Current is null ? [] : table.Near,
            (peer, token) => Task.WhenAll(
                new PoolFollower(peer, book, parts.Intake, dialer, logger).RunAsync(token), new PoolTeller(peer, book, parts.Watchers, changed, dialer, logger).RunAsync(token)));
        book.Changed += changed.Tell;
        book.Changed += loops.Look;
    }

    public override void Dispose()
    {
        book.Changed -= loops.Look;
        book.Changed -= changed.Tell;
        loops.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => loops.RunAsync(stoppingToken);
}
