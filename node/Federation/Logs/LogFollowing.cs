using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Federation.Witnessing;
using Athens.Federation.Node.Provenance.Mirrors;

namespace Athens.Federation.Node.Federation.Logs;

/// <summary>Follows the logs of the peers whose records count, and of those of this node's own organization, as the configuration names them now.</summary>
internal sealed class LogFollowing : BackgroundService
{
    /// <summary>Logs that are caught up with at once: each has two batches in memory, and all of them one disk.</summary>
    private const int MaxLargePulls = 3;

    private readonly PeerTable table;
    private readonly PeerDialer dialer;
    private readonly FederationOptions options;
    private readonly PrivateGate gate;
    private readonly SemaphoreSlim turns = new(MaxLargePulls);
    private readonly PeerLoops loops;

    public LogFollowing(
        PeerTable table,
        PeerList list,
        PeerCalls calls,
        PeerDialer dialer,
        MirrorSet mirrors,
        FederationOptions options,
        PrivateGate gate,
        KnownWitnesses witnesses,
        ILogger<LogFollowing> logger)
    {
        Witnesses = witnesses;
        this.table = table;
        this.dialer = dialer;
        this.options = options;
        this.gate = gate;
        Calls = calls;
        Mirrors = mirrors;
        Logger = logger;
        loops = new PeerLoops(list, Wanted, (peer, token) => new LogFollower(peer, this).RunAsync(token));
        Assign();
    }

    public PeerCalls Calls { get; }

    public MirrorSet Mirrors { get; }

    public KnownWitnesses Witnesses { get; }

    public ILogger Logger { get; }

    public TimeProvider Time => dialer.Time;

    public bool WithVouched => options.Mirror == MirrorText.All;

    public TimeSpan Jitter(TimeSpan delay) => dialer.Jitter(delay);

    /// <summary>Says whose each mirrored log is by now: also those of peers that are not connected.</summary>
    public void Assign()
    {
        Dictionary<string, Peer> followed = table.Peers.Where(IsFollowed).ToDictionary(static peer => peer.Options.Key.ToString(), StringComparer.Ordinal);
        Mirrors.Assign(mirror => followed.TryGetValue(mirror.Owner, out Peer? peer)
            ? new FollowedLog(mirror.Key, peer.Options.Name, peer.Options.Org, peer.IsTrusted)
            : null);
    }

    /// <summary>Connected peers beside one, in any order.</summary>
    public IEnumerable<Peer> Others(Peer peer) => table.Peers.Where(other => other != peer && other.IsAvailable);

    /// <summary>The right to one large pull, in turn.</summary>
    public async Task<IDisposable> TurnAsync(CancellationToken cancellationToken)
    {
        await turns.WaitAsync(cancellationToken);
        return new Turn(turns);
    }

    public override void Dispose()
    {
        loops.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => loops.RunAsync(stoppingToken);

    private IEnumerable<Peer> Wanted()
    {
        Assign();
        return table.Peers.Where(IsFollowed);
    }

    private bool IsFollowed(Peer peer) => options.Mirror != MirrorText.None && (peer.IsTrusted || gate.IsInside(peer.Options));

    private sealed class Turn(SemaphoreSlim turns) : IDisposable
    {
        private SemaphoreSlim? turns = turns;

        public void Dispose() => Interlocked.Exchange(ref turns, null)?.Release();
    }
}
