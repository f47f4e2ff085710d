using System.Net;
using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Logs;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Federation.Pools;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Mirrors;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Retrieval.Records;
using Athens.Federation.Node.Storage;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Federation.Logs;
using Athens.Federation.Tests.Storage;
using Athens.Federation.Tests.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Athens.Federation.Tests.Federation.Serving;

/// <summary>A node's peer port with everything real behind it: TLS, keys, the disk store.</summary>
internal sealed class ServingRig : IAsyncDisposable
{
    private readonly Tests.Storage.TemporaryFolder folder = new();
    private readonly List<IDisposable> clients = [];
    private readonly LogCapture capture = new();
    private readonly ILoggerFactory loggers;
    private PeerListener? listener;
    private NodeCertificate? certificate;
    private DiskModuleStore? disk;
    private NodeLog? log;
    private MirrorSet? mirrors;
    private ModuleRecords? records;

    private ServingRig(FederationOptions options, TimeProvider time)
    {
        Options = options;
        Time = time;
        Peers = new PeerList([]);
        Flights = new FlightBoard(time);
        Rivals = new RivalBoard(options, time);
        Keys = NodeKeys.Open(folder.Path, "server");
        loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning).AddProvider(capture));
    }

    /// <summary>What an operator would see: from information upwards.</summary>
    public IReadOnlyList<CapturedLine> Log => capture.Lines;

    public FederationOptions Options { get; }

    public TimeProvider Time { get; }

    public PeerList Peers { get; }

    public FlightBoard Flights { get; }

    public RivalBoard Rivals { get; }

    public NodeKeys Keys { get; }

    public string DataFolder => folder.Path;

    public DiskModuleStore Disk => disk!;

    public NodeLog OwnLog => log!;

    /// <summary>Answers look-ups in the own log.</summary>
    public TwinDatabase Database { get; private set; } = null!;

    public IPEndPoint Address => new(IPAddress.Loopback, listener!.Address.Port);

    public NodeCertificate Certificate => certificate!;

    public PeerKey Key => Certificate.Key;

    /// <param name="options">Null: the defaults.</param>
    /// <param name="time">Null: the system's.</param>
    /// <param name="around">Puts a store of the test's own around the disk store.</param>
    /// <param name="loggers">Null: the rig's own, see <see cref="Log"/>.</param>
    /// <param name="pool">The pool that the node is a member of, by its data folder; null: none.</param>
    public static async Task<ServingRig> StartAsync(
        FederationOptions? options = null,
        TimeProvider? time = null,
        Func<IModuleStore, IModuleStore>? around = null,
        ILoggerFactory? loggers = null,
        Func<string, PoolServingParts>? pool = null)
    {
        ServingRig rig = new(options ?? new FederationOptions(), time ?? TimeProvider.System);
        rig.disk = await DiskStore.OpenAsync(rig.folder.Path);
        rig.certificate = new NodeCertificate(rig.Keys.Identity, TimeProvider.System);
        rig.log = await NodeLog.OpenAsync(new MemoryLogStore(), rig.Keys.Log, null, NullLogger.Instance, CancellationToken.None);
        IModuleStore store = around is null ? rig.disk : around(rig.disk);
        rig.records = new ModuleRecords(store, rig.log, rig.Options.Private);
        rig.mirrors = await MirrorSet.OpenAsync(new MemoryMirrorStore(), null, NullLogger.Instance, CancellationToken.None);
        rig.Database = new TwinDatabase(rig.log.Name);
        PeerServingParts parts = new()
        {
            Options = rig.Options,
            NodeName = "server",
            Keys = rig.Keys,
            Certificate = rig.certificate,
            Peers = rig.Peers,
            Store = store,
            Records = rig.records,
            Flights = rig.Flights,
            Rivals = rig.Rivals,
            Logs = new ServedLogs(rig.log, rig.mirrors, rig.Database),
            Pool = pool?.Invoke(rig.folder.Path),
            Time = rig.Time,
            Loggers = loggers ?? rig.loggers,
        };
        if (parts.Pool is { } served)
        {
            parts = parts with { Guests = new Guests(() => served.Book.HasOpenInvitations, rig.Time) };
        }

        rig.listener = await PeerListener.StartAsync(parts, static kestrel => kestrel.Listen(IPAddress.Loopback, 0), CancellationToken.None);
        return rig;
    }

    /// <summary>Somebody with a key of its own; a peer of the node unless told otherwise.</summary>
    public PeerClient AddClient(string name = "client", string org = "", bool isPeer = true)
    {
        PeerClient client = new(name, this);
        clients.Add(client);
        if (isPeer)
        {
            Peers.Set(PeerOrigin.Configuration, [.. Peers.Current, new PeerOptions(name, "client.example:3443", client.Key, org, PeerTrust.None)]);
        }

        return client;
    }

    public async Task<SampleModule> HoldAsync(string path = "example.com/sample", string version = "v1.0.0", int fill = 0)
    {
        SampleModule module = SampleModule.Make(path, version, fill: fill);
        await module.AdmitAsync(Disk);
        return module;
    }

    /// <summary>The node's peers from now on, as after a reload of its configuration.</summary>
    public void Keep(params PeerClient[] peers) =>
        Peers.Set(PeerOrigin.Configuration, [.. Peers.Current.Where(peer => peers.Any(kept => kept.Key == peer.Key))]);

    public async Task StopListeningAsync()
    {
        if (Interlocked.Exchange(ref listener, null) is { } open)
        {
            await open.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        clients.ForEach(static client => client.Dispose());
        await StopListeningAsync();
        certificate?.Dispose();
        records?.Dispose();
        mirrors?.Dispose();
        if (log is not null)
        {
            await log.DisposeAsync();
        }

        Keys.Dispose();
        if (disk is not null)
        {
            await disk.DisposeAsync();
        }

        loggers.Dispose();
        folder.Dispose();
    }
}
