namespace Athens.Federation.Node.Federation.Peers;

/// <summary>Does something with every peer for as long as it stands in the configuration. What is done with one never holds up another.</summary>
internal sealed class PeerLoops : IDisposable
{
    private readonly PeerTable table;
    private readonly PeerList list;
    private readonly Func<Peer, CancellationToken, Task> loop;
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="table">The peers.</param>
    /// <param name="list">Tells when they change; the table has heard of it by then.</param>
    /// <param name="loop">Ends when its token says so, and throws nothing else.</param>
    public PeerLoops(PeerTable table, PeerList list, Func<Peer, CancellationToken, Task> loop)
    {
        this.table = table;
        this.list = list;
        this.loop = loop;
        list.Changed += Change;
    }

    public async Task RunAsync(CancellationToken stoppingToken)
    {
        Dictionary<Peer, (Task Running, CancellationTokenSource Ending)> running = [];
        while (!stoppingToken.IsCancellationRequested)
        {
            Task next = Volatile.Read(ref changed).Task;
            IReadOnlyList<Peer> peers = table.Peers;
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

    public void Dispose() => list.Changed -= Change;

    private static async Task EndAsync(Task task, CancellationTokenSource ending)
    {
        await ending.CancelAsync();
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ending.Dispose();
    }

    private void Change() => Interlocked.Exchange(ref changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
