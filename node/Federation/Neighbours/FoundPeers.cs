namespace Athens.Federation.Node.Federation.Neighbours;

/// <summary>
/// Makes peers of the strangers that were seen on the LAN, where <c>[discovery] strangers</c> says so: they may give bytes that are proven otherwise, and be
/// given modules that are not private. Nothing that they say is believed.
/// </summary>
internal sealed class FoundPeers(SeenNeighbours seen, PeerList peers) : IHostedService
{
    /// <summary>Each costs a connection, and anybody can be many.</summary>
    public const int Max = 16;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        seen.Changed += Follow;
        Follow();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        seen.Changed -= Follow;
        return Task.CompletedTask;
    }

    private void Follow() => peers.Set(
        PeerOrigin.Found,
        [
            .. seen.Current.DistinctBy(static neighbour => neighbour.Key).Take(Max)
                .Select(static neighbour => new PeerOptions(neighbour.Instance, neighbour.Endpoint.ToString(), neighbour.Key, "", PeerTrust.None)),
        ]);
}
