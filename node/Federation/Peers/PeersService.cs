namespace Athens.Federation.Node.Federation.Peers;

/// <summary>Connects the peers while the node runs. Starting waits for none of them.</summary>
internal sealed class PeersService : IHostedService
{
    private readonly PeerTable table;

    public PeersService(PeerTable table) => this.table = table;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        table.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => table.DisposeAsync().AsTask();
}
