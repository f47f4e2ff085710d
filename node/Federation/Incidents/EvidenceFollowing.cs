using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Provenance.Incidents;

namespace Athens.Federation.Node.Federation.Incidents;

/// <summary>Takes what connected peers prove. Any peer may tell: what it sends is believed for its proofs alone.</summary>
internal sealed class EvidenceFollowing : BackgroundService
{
    private readonly PeerLoops loops;

    public EvidenceFollowing(PeerTable table, PeerDialer dialer, IncidentBook book, ILogger<EvidenceFollowing> logger)
    {
        EvidenceClaims claims = new(book, dialer.Time);
        loops = new PeerLoops(table, () => table.Near, (peer, token) => new EvidenceFollower(peer, book, claims, dialer, logger).RunAsync(token));
    }

    public override void Dispose()
    {
        loops.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => loops.RunAsync(stoppingToken);
}
