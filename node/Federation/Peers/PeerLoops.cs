using Athens.Federation.Node.Provenance;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>Does something with each peer that is wanted, for as long as it is. What is done with one never holds up another.</summary>
internal sealed class PeerLoops : IDisposable
{
    private readonly PeerTable table;
    private readonly Func<IEnumerable<Peer>> wanted;
    private readonly Func<Peer, CancellationToken, Task> loop;
    private readonly Signal changed = new();

    /// <param name="table">Tells when peers have come or gone, or are near or not.</param>
    /// <param name="wanted">With whom: asked at the start, and anew when the table has changed.</param>
    /// <param name="loop">Ends when its token says so, and throws nothing else.</param>
    public PeerLoops(PeerTable table, Func<IEnumerable<Peer>> wanted, Func<Peer, CancellationToken, Task> loop)
    {
        this.table = table;
        this.wanted = wanted;
        this.loop = loop;
        table.Changed += Look;
    }

    public async Task RunAsync(CancellationToken stoppingToken)
    {
        Dictionary<Peer, (Task Running, CancellationTokenSource Ending)> running = [];
        while (!stoppingToken.IsCancellationRequested)
        {
            Task next = changed.Next;
            HashSet<Peer> peers = [.. wanted()];
            foreach ((Peer gone, (Task task, CancellationTokenSource ending)) in running.Where(one => !peers.Contains(one.Key)).ToList())
            {
                running.Remove(gone);
                await EndAsync(task, ending);
            }

            foreach (Peer peer in peers.Where(peer => !running.ContainsKey(peer)))
            {
                var ending = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                running[peer] = (Task.Run(() => loop(peer, ending.Token), CancellationToken.None), ending);
            }

            await next.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll(running.Values.Select(static one => EndAsync(one.Running, one.Ending)));
    }

    /// <summary>Asks anew with whom, when something other than the table has changed that too.</summary>
    public void Look() => changed.Tell();

    public void Dispose() => table.Changed -= Look;

    private static async Task EndAsync(Task task, CancellationTokenSource ending)
    {
        await ending.CancelAsync();
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ending.Dispose();
    }
}
