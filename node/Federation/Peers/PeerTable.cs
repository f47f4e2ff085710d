using Athens.Federation.Node.Federation.Identity;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>
/// The peers of this node, as the configuration names them now. A peer whose entry changed begins anew; a removed one's
/// connection ends after its calls. Connects nobody before <see cref="Start"/>.
/// </summary>
internal sealed class PeerTable : IAsyncDisposable
{
    private readonly PeerList list;
    private readonly PeerDialer dialer;
    private readonly ILogger logger;

    /// <summary>Guards all below; <see cref="entries"/> is replaced whole and may be read without it.</summary>
    private readonly Lock gate = new();
    private readonly List<PeerConnection> leaving = [];
    private volatile Entry[] entries = [];
    private volatile IReadOnlyList<Peer> peers = [];
    private bool isStarted;

    public PeerTable(PeerList list, PeerDialer dialer, ILogger<PeerTable> logger)
    {
        this.list = list;
        this.dialer = dialer;
        this.logger = logger;
        list.Changed += Reload;
        Reload();
    }

    /// <summary>This node's identity.</summary>
    public PeerKey Own => dialer.Own;

    /// <summary>All peers, connected or not, in the order of the configuration.</summary>
    public IReadOnlyList<Peer> Peers => peers;

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

    /// <summary>Closes all connections.</summary>
    public async ValueTask DisposeAsync()
    {
        list.Changed -= Reload;
        PeerConnection[] all;
        lock (gate)
        {
            isStarted = false;
            all = [.. leaving, .. entries.Select(static entry => entry.Connection).OfType<PeerConnection>()];
            (entries, peers) = ([], []);
            leaving.Clear();
        }

        await Task.WhenAll(all.Select(static connection => connection.DisposeAsync().AsTask()));
    }

    private void Reload()
    {
        lock (gate)
        {
            Entry[] before = entries;
            List<Entry> after = [];
            foreach (PeerOptions options in list.Current)
            {
                if (options.Key == dialer.Own)
                {
                    logger.IsSelf(options.Name);
                    continue;
                }

                after.Add(Array.Find(before, entry => entry.Peer.Options == options)
                    ?? new Entry(new Peer(options, dialer.Time, logger)));
            }

            (entries, peers) = ([.. after], [.. after.Select(static entry => entry.Peer)]);
            Entry[] gone = [.. before.Except(after)];
            Leave(gone);
            Connect();
        }
    }

    private void Leave(IEnumerable<Entry> gone)
    {
        leaving.RemoveAll(static connection => connection.Over.IsCompleted);
        foreach (PeerConnection connection in gone.Select(static entry => entry.Connection).OfType<PeerConnection>())
        {
            connection.Leave();
            leaving.Add(connection);
        }
    }

    private void Connect()
    {
        foreach (Entry entry in isStarted ? entries : [])
        {
            entry.Connection ??= new PeerConnection(entry.Peer, dialer, logger);
        }
    }

    private sealed class Entry(Peer peer)
    {
        public Peer Peer => peer;

        public PeerConnection? Connection { get; set; }
    }
}
