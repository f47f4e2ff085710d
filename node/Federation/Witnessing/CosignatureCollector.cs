using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Federation.Witnessing;

/// <summary>
/// Asks connected peers to cosign this node's head when it has moved. In the background: no append waits for it, and heads that pass while one is
/// cosigned are skipped.
/// </summary>
internal sealed class CosignatureCollector : BackgroundService
{
    /// <summary>Between two heads that are cosigned: an import moves the head many times a second.</summary>
    private static readonly TimeSpan Debounce = TimeSpan.FromMilliseconds(500);

    /// <summary>Between two looks for peers that have come or may be asked again.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan AfterFault = TimeSpan.FromMinutes(1);

    /// <summary>Peers asked at once, and cosignatures of one head: a note has at most 100 signatures.</summary>
    private const int MaxAsked = 64;

    private readonly Func<NodeLog> openLog;
    private readonly PeerTable table;
    private readonly PeerCalls calls;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Dictionary<Peer, AskedWitness> witnesses = [];
    private IReadOnlySet<Peer>? chosenOf;

    public CosignatureCollector(IServiceProvider provider, PeerTable table, PeerCalls calls, TimeProvider time, ILogger<CosignatureCollector> logger)
    {
        openLog = provider.GetRequiredService<NodeLog>;
        this.table = table;
        this.calls = calls;
        this.time = time;
        this.logger = logger;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        NodeLog log = openLog();
        while (!stoppingToken.IsCancellationRequested)
        {
            TimeSpan rest = Debounce;
            try
            {
                Task moved = log.Moved;
                if (log.Head is { } head)
                {
                    await CollectAsync(log, head, stoppingToken);
                }

                await Signal.WaitAsync(moved, Look, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                logger.AskingFault(exception);
                rest = AfterFault;
            }

            await Task.Delay(rest, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task CollectAsync(NodeLog log, SignedHead head, CancellationToken cancellationToken)
    {
        IReadOnlySet<Peer> peers = table.Near;
        if (!ReferenceEquals(peers, chosenOf))
        {
            Choose(log, peers);
            chosenOf = peers;
        }

        List<Task<NoteSignature?>> asking = [.. witnesses.Values.Where(witness => witness.IsDue(head.Tree)).Select(witness => witness.AskAsync(head, cancellationToken))];
        await foreach (Task<NoteSignature?> asked in Task.WhenEach(asking).WithCancellation(cancellationToken))
        {
            // Shown as they come: a slow witness holds none of the others back.
            if (await asked is { } cosignature)
            {
                log.AddCosignatures(head, [cosignature]);
            }
        }
    }

    private void Choose(NodeLog log, IReadOnlySet<Peer> peers)
    {
        foreach (Peer gone in witnesses.Keys.Where(peer => !peers.Contains(peer)).ToList())
        {
            witnesses.Remove(gone);
        }

        foreach (Peer peer in peers.Where(peer => !witnesses.ContainsKey(peer)).Take(MaxAsked - witnesses.Count))
        {
            witnesses[peer] = new AskedWitness(peer, log, calls, time, logger);
        }
    }
}
