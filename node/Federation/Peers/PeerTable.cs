using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Provenance;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>
/// The peers of this node, as all origins name them now, and the connections to those that are near (<see cref="NearPeers"/>). A peer whose entry changed begins anew; a
/// removed one's connection ends after its calls. Connects nobody before <see cref="Start"/>.
/// </summary>
internal sealed class PeerTable : IAsyncDisposable
{
    /// <summary>Far peers that are connected for a while since something was to be had from them: the one unused for longest makes room.</summary>
    public const int MostVisits = 16;

    /// <summary>Whoever held one module version of a project often holds the next that is asked for.</summary>
    public static readonly TimeSpan VisitLength = TimeSpan.FromMinutes(5);

    /// <summary>While a node starts many peers are missed together.</summary>
    private static readonly TimeSpan ChoiceAfter = TimeSpan.FromSeconds(1);

    private readonly PeerList list;
    private readonly PeerDialer dialer;
    private readonly NearPeers? nearPeers;
    private readonly ILogger logger;

    /// <summary>Guards all below; what is volatile is replaced whole and may be read without it.</summary>
    private readonly Lock gate = new();
    private readonly List<PeerConnection> leaving = [];

    /// <summary>When each was last used, a timestamp; the last used at the end.</summary>
    private readonly List<(Peer Peer, long At)> visits = [];
    private readonly ITimer visitEnd;
    private readonly ITimer choice;
    private bool isChoiceDue;
    private volatile Entry[] entries = [];
    private volatile IReadOnlyList<Peer> peers = [];
    private volatile HashSet<Peer> near = [];
    private bool isStarted;

    /// <param name="list">Whom this node knows; followed.</param>
    /// <param name="dialer">Connects.</param>
    /// <param name="logger">For the operator.</param>
    /// <param name="nearPeers">Which of them are near; null: all.</param>
    public PeerTable(PeerList list, PeerDialer dialer, ILogger<PeerTable> logger, NearPeers? nearPeers = null)
    {
        this.list = list;
        this.dialer = dialer;
        this.logger = logger;
        this.nearPeers = nearPeers;
        visitEnd = dialer.Time.CreateTimer(_ => EndVisits(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        choice = dialer.Time.CreateTimer(_ => ChooseAgain(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        list.Changed += Reload;
        Reload();
    }

    /// <summary>Raised when there are other peers than before, or other ones are near.</summary>
#pragma warning disable MA0046 // An event without a sender and arguments: there is one table, and it is asked for what changed.
    public event Action? Changed;
#pragma warning restore MA0046

    /// <summary>This node's identity.</summary>
    public PeerKey Own => dialer.Own;

    /// <summary>All peers, connected or not, in the order of the configuration.</summary>
    public IReadOnlyList<Peer> Peers => peers;

    /// <summary>Those that a connection is kept to. Not to be changed.</summary>
    public IReadOnlySet<Peer> Near => near;

    /// <summary>Told when a peer was connected or lost.</summary>
    public Signal Links { get; } = new();

    public Peer? Find(PeerKey key) => Array.Find(entries, entry => entry.Peer.Options.Key == key)?.Peer;

    /// <summary>Begins to connect. Waits for nothing.</summary>
    public void Start()
    {
        lock (gate)
        {
            isStarted = true;
            Connect();
        }
    }

    /// <summary>
    /// Connects one of some far peers for a while, those first that this node prefers, of which two are tried. The first that is connected, or null: none is in time.
    /// </summary>
    /// <param name="far">Peers of this table.</param>
    /// <param name="patience">How long it is waited for; a connection that comes later stays too.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Peer?> VisitAsync(IEnumerable<Peer> far, TimeSpan patience, CancellationToken cancellationToken)
    {
        Peer[] wanted = [.. far.OrderByDescending(static peer => peer.Preference).Take(2)];
        if (wanted.Length == 0)
        {
            return null;
        }

        lock (gate)
        {
            foreach (Peer peer in wanted)
            {
                visits.RemoveAll(visit => visit.Peer == peer);
                visits.Add((peer, dialer.Time.GetTimestamp()));
            }

            visits.RemoveRange(0, Math.Max(0, visits.Count - MostVisits));
            Connect();
            AwaitEndOfVisit();
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task<PeerLink>> links = [.. wanted.Select(peer => peer.LinkAsync(ending.Token))];
        await Task.WhenAny([Task.Delay(patience, dialer.Time, ending.Token), .. links]);
        await ending.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        return Array.Find(wanted, static peer => peer.Link is not null);
    }

    /// <summary>Closes all connections.</summary>
    public async ValueTask DisposeAsync()
    {
        list.Changed -= Reload;
        await visitEnd.DisposeAsync();
        await choice.DisposeAsync();
        PeerConnection[] all;
        lock (gate)
        {
            isStarted = false;
            all = [.. leaving, .. entries.Select(static entry => entry.Connection).OfType<PeerConnection>()];
            (entries, peers, near) = ([], [], []);
            visits.Clear();
            leaving.Clear();
        }

        await Task.WhenAll(all.Select(static connection => connection.DisposeAsync().AsTask()));
    }

    private void Reload()
    {
        lock (gate)
        {
            Entry[] before = entries;
            Dictionary<PeerKey, Entry> known = before.ToDictionary(static entry => entry.Peer.Options.Key);
            List<Entry> after = [];
            foreach (PeerOptions options in list.Current)
            {
                if (options.Key == dialer.Own)
                {
                    logger.IsSelf(options.Name);
                    continue;
                }

                after.Add(known.TryGetValue(options.Key, out Entry? entry) && entry.Peer.Options == options ? entry : New(options));
            }

            (entries, peers) = ([.. after], [.. after.Select(static entry => entry.Peer)]);
            Entry[] gone = [.. before.Except(after)];
            visits.RemoveAll(visit => !peers.Contains(visit.Peer));
            near = Choose();
            Array.ForEach(gone, Leave);
            Connect();
        }

        Changed?.Invoke();
    }

    private Entry New(PeerOptions options) =>
        new(new Peer(options, dialer.Time, logger) { Preference = nearPeers?.PreferenceFor(options.Key) ?? 0, LinkTurned = Links.Tell, MissedTurned = ChooseSoon });

    /// <summary>A peer was missed, or is reached again: soon another one may have to take its place, or it has its own again.</summary>
    private void ChooseSoon()
    {
        lock (gate)
        {
            if (isStarted && !isChoiceDue && near.Count < entries.Length)
            {
                isChoiceDue = true;
                choice.Change(ChoiceAfter, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void ChooseAgain()
    {
        lock (gate)
        {
            isChoiceDue = false;
            HashSet<Peer> now = Choose();
            if (now.SetEquals(near))
            {
                return;
            }

            near = now;
            Connect();
        }

        Changed?.Invoke();
    }

    private void EndVisits()
    {
        lock (gate)
        {
            visits.RemoveAll(visit => dialer.Time.GetElapsedTime(visit.At) >= VisitLength);
            AwaitEndOfVisit();
            Connect();
        }
    }

    private void AwaitEndOfVisit()
    {
        if (visits.Count > 0)
        {
            TimeSpan rest = VisitLength - dialer.Time.GetElapsedTime(visits[0].At);
            visitEnd.Change(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    private HashSet<Peer> Choose() => nearPeers?.Of(peers) ?? [.. peers];

    private void Leave(Entry entry)
    {
        if (entry.Connection is { } connection)
        {
            leaving.RemoveAll(static one => one.Over.IsCompleted);
            connection.Leave();
            leaving.Add(connection);
            entry.Connection = null;
        }
    }

    private void Connect()
    {
        foreach (Entry entry in isStarted ? entries : [])
        {
            if (near.Contains(entry.Peer) || visits.Exists(visit => visit.Peer == entry.Peer))
            {
                entry.Connection ??= new PeerConnection(entry.Peer, dialer, logger);
            }
            else
            {
                Leave(entry);
            }
        }
    }

    private sealed class Entry(Peer peer)
    {
        public Peer Peer => peer;

        public PeerConnection? Connection { get; set; }
    }
}
