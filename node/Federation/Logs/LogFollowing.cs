using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Federation.Witnessing;
using Athens.Federation.Node.Provenance.LogKeys;
using Athens.Federation.Node.Provenance.Mirrors;
using Athens.Federation.Node.Provenance.OwnLog;

namespace Athens.Federation.Node.Federation.Logs;

/// <summary>Follows the logs of the peers whose records count, and of those of this node's own organization, as the configuration names them now.</summary>
internal sealed class LogFollowing : BackgroundService
{
    /// <summary>Logs that are caught up with at once: each has two batches in memory, and all of them one disk.</summary>
    private const int MaxLargePulls = 3;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly PeerTable table;
    private readonly PeerDialer dialer;
    private readonly FederationOptions options;
    private readonly PrivateGate gate;
    private readonly SemaphoreSlim turns = new(MaxLargePulls);
    private readonly PeerLoops loops;

    public LogFollowing(
        PeerTable table,
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
        loops = new PeerLoops(table, Wanted, (peer, token) => new LogFollower(peer, this).RunAsync(token));
        Assign();
    }

    public PeerCalls Calls { get; }

    public MirrorSet Mirrors { get; }

    public KnownWitnesses Witnesses { get; }

    public ILogger Logger { get; }

    public TimeProvider Time => dialer.Time;

    public bool WithVouched => options.Mirror == MirrorText.All;

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

    /// <summary>Watches something at a peer whenever it is connected: again after each end, with pauses that grow while nothing comes of it.</summary>
    /// <param name="peer">Whom.</param>
    /// <param name="watch">One watch, until it ends; whether anything came of it.</param>
    /// <param name="cancellationToken">Ends all.</param>
    public async Task WatchOnAsync(Peer peer, Func<PeerLink, CancellationToken, Task<bool>> watch, CancellationToken cancellationToken)
    {
        TimeSpan pause = FirstPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                PeerLink link = await peer.LinkAsync(cancellationToken);
                if (await watch(link, cancellationToken))
                {
                    pause = FirstPause;
                }

                TimeSpan aside = peer.SetAsideLeft;
                await Task.Delay(dialer.Jitter(aside > pause ? aside : pause), Time, cancellationToken);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // Not followed any more.
            }
            catch (Exception exception)
            {
                Logger.FollowingFault(peer.Options.Name, exception);
                pause = LongestPause;
                await Task.Delay(pause, Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>The right to one large pull, in turn.</summary>
    private async Task<IDisposable> TurnAsync(CancellationToken cancellationToken)
    {
        await turns.WaitAsync(cancellationToken);
        return new Turn(turns);
    }

    /// <summary>Brings a mirror up to a head that was met, by what a peer that has the log gives.</summary>
    public async Task<PullResult> PullAsync(Mirror mirror, SignedHead met, Peer holder, CancellationToken cancellationToken)
    {
        PeerLogSource source = new(Calls, holder, mirror.Name, WithVouched, Time);
        bool isLarge = met.Tree.Size - (mirror.Head?.Tree.Size ?? 0) > MirrorPull.BatchSize;
        using IDisposable? turn = isLarge ? await TurnAsync(cancellationToken) : null;
        long start = Time.GetTimestamp();
        long before = mirror.Size;
        PullResult result = await mirror.PullAsync(met, source, WithVouched, cancellationToken);
        if (isLarge && result.End == PullEnd.Level)
        {
            Logger.Mirrored(mirror.Name, holder.Options.Name, met.Tree.Size - before, Time.GetElapsedTime(start));
        }

        return result;
    }

    /// <summary>
    /// Whether a log, when its node says that it had another key before, goes on from what was mirrored then.
    /// </summary>
    /// <param name="mirror">The log under its present key.</param>
    /// <param name="owner">Whose log it is.</param>
    /// <param name="statement">What the node says; hostile.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it does; and what is wrong with the statement, null when it is a statement.</returns>
    public async Task<(bool Holds, string? Wrong)> ContinuesAsync(Mirror mirror, Peer owner, ReadOnlyMemory<byte> statement, CancellationToken cancellationToken)
    {
        if (LogRotation.Read(statement.ToArray(), owner.Options.Key.Bytes.Span, out string? reason) is not { } rotation || rotation.To.ToString() != mirror.Key.ToString())
        {
            return (false, $"of the key of the log {mirror.Name}: {reason ?? "the statement is of another key"}");
        }

        if (!await Mirrors.ContinuesAsync(mirror, rotation, cancellationToken))
        {
            return (false, null);
        }

        Logger.KeyRotated(owner.Options.Name, rotation.From.ToString(), rotation.To.ToString(), rotation.At.Size, rotation.Until);
        return (true, null);
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
        return table.Near.Where(IsFollowed);
    }

    /// <summary>Its log is mirrored here.</summary>
    public bool IsFollowed(Peer peer) => options.Mirror != MirrorText.None && (peer.IsTrusted || gate.IsInside(peer.Options));

    private sealed class Turn(SemaphoreSlim turns) : IDisposable
    {
        private SemaphoreSlim? turns = turns;

        public void Dispose() => Interlocked.Exchange(ref turns, null)?.Release();
    }
}
