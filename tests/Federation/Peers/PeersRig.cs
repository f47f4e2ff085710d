using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Mirrors;
using Athens.Federation.Node.Provenance.Trust;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Retrieval;
using Athens.Federation.Tests.Telemetry;
using Microsoft.Extensions.Logging;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Peers;

/// <summary>A node's view of its peers, which are twins, under a clock that stands still until a test moves it.</summary>
internal sealed class PeersRig : IAsyncDisposable
{
    private readonly LogCapture capture = new();
    private readonly ILoggerFactory loggers;
    private readonly NodeCertificate certificate;
    private readonly TwinStore store = new();
    private readonly Verifier verifier = new();
    private readonly TwinIndex index = new();

    public PeersRig(FederationOptions options, params TwinPeer[] twins)
        : this(options, SigningKey.Create("own/identity"), new ManualTime(), twins)
    {
    }

    public PeersRig(FederationOptions options, SigningKey identity, ManualTime time, params TwinPeer[] twins)
    {
        Time = time;
        loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(capture));
        certificate = new NodeCertificate(identity, TimeProvider.System);
        List = new PeerList([.. twins.Select(static twin => twin.Options)]);
        PeerDialer dialer = new(certificate, new Wire.WhoAreYouRequest(), static _ => true, Time, new Random(1));
        Logger = loggers.CreateLogger("peers");
        Table = new PeerTable(List, dialer, loggers.CreateLogger<PeerTable>());
        Calls = new PeerCalls(new PrivateGate(options), Time);
        Desk = new TrustDesk(options.Rules(), index, null, null, null, Logger);
        Search = new HolderSearch(Calls, Desk, Time, Logger);
        Board = new RivalBoard(options, Time);
        Flights = new FlightBoard(Time);
        Election = new Election(Board, Table, Search, options, Time, Logger);
        Lists = new PeerLists(Table, Calls, Time);
        Source = new PeerSource(Table, Search, Election, TransferAsync, Lists, Time);
    }

    public ManualTime Time { get; }

    public TrustDesk Desk { get; }

    /// <summary>What mirrored logs tell.</summary>
    public List<MirroredRecord> Mirrored => index.Records;

    public PeerList List { get; }

    public PeerTable Table { get; }

    public PeerCalls Calls { get; }

    public HolderSearch Search { get; }

    public RivalBoard Board { get; }

    public FlightBoard Flights { get; }

    public Election Election { get; }

    public PeerLists Lists { get; }

    public PeerSource Source { get; }

    public ILogger Logger { get; }

    public IReadOnlyList<CapturedLine> Log => capture.Lines;

    /// <summary>Errors that were logged: security, or faults of the code under test.</summary>
    public IEnumerable<CapturedLine> Errors => Log.Where(static line => line.Level >= LogLevel.Error);

    /// <summary>What the transfer was asked to do, and what it answers.</summary>
    public List<(ModuleRecord Believed, IReadOnlyList<Holder> Holders)> Transfers { get; } = [];

    public Func<PeerFetch, IReadOnlyList<Holder>, Task<Outcome<ModuleFacts>>> Transfer { get; set; } = static (fetch, holders) =>
        Task.FromResult(Outcome<ModuleFacts>.Found(GenuineModule.Make(fetch.Module.Path, fetch.Module.Version).Facts(), $"peer:{holders[0].Peer.Options.Name}"));

    public Peer this[TwinPeer twin] => Table.Find(twin.Options.Key)!;

    public Peer Connect(TwinPeer twin, bool onLan = true)
    {
        this[twin].Connected(twin.Link(onLan));
        return this[twin];
    }

    /// <summary>A flight of this node; it lands when the rig's test says so.</summary>
    public async Task<PeerFetch> FetchOfAsync(ModuleVersion module) =>
        new(await store.StageAsync(module, CancellationToken.None), null, Flights.Begin(module), verifier, await OpenAsync(module));

    /// <summary>What is known of a module version before anybody is asked.</summary>
    public async Task<TrustCase> OpenAsync(ModuleVersion module)
    {
        TrustCase trust = Desk.Open(module, null);
        await Desk.RecallAsync(trust, CancellationToken.None);
        return trust;
    }

    /// <summary>
    /// Moves the clock until the task is done, no faster than five times real time: what runs on other threads in between must
    /// not look slow.
    /// </summary>
    public Task<T> AdvanceUntilAsync<T>(Task<T> task) => AdvanceUntilAsync(Time, task);

    public static async Task<T> AdvanceUntilAsync<T>(ManualTime time, Task<T> task)
    {
        long end = TimeProvider.System.GetTimestamp() + (30 * TimeProvider.System.TimestampFrequency);
        while (!task.IsCompleted)
        {
            Assert.True(TimeProvider.System.GetTimestamp() < end, "nothing came of it");
            time.Advance(TimeSpan.FromMilliseconds(5));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }

        return await task;
    }

    public async ValueTask DisposeAsync()
    {
        await Table.DisposeAsync();
        certificate.Dispose();
        loggers.Dispose();
        verifier.Dispose();
        store.Dispose();
    }

    private Task<Outcome<ModuleFacts>> TransferAsync(
        PeerFetch fetch, ModuleRecord believed, Func<IReadOnlyList<Holder>> holders, CancellationToken cancellationToken)
    {
        Transfers.Add((believed, holders()));
        return Transfer(fetch, holders());
    }

    private sealed class TwinIndex : IRecordIndex
    {
        public List<MirroredRecord> Records { get; } = [];

        public ValueTask<IReadOnlyList<MirroredRecord>> FindAsync(ModuleVersion module, CancellationToken cancellationToken) =>
            ValueTask.FromResult<IReadOnlyList<MirroredRecord>>([.. Records.Where(mirrored => mirrored.Record.Module == module)]);
    }
}
