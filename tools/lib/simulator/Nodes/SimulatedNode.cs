using Athens.Federation.Node.Discovery;
using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Incidents;
using Athens.Federation.Node.Federation.Logs;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Federation.Pools;
using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Node.Federation.Witnessing;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Provenance.Mirrors;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Node.Provenance.PublicDatabases;
using Athens.Federation.Node.Provenance.Trust;
using Athens.Federation.Node.Provenance.Witnessing;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Storage;
using Athens.Federation.Simulator.Clock;
using Athens.Federation.Simulator.Network;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Simulator.Nodes;

/// <summary>
/// One node: the rooms of the real one as its host composes them, over stores in memory that outlive its restarts, with the network, the clock, the upstream and the public
/// checksum database of the simulation.
/// </summary>
internal sealed class SimulatedNode : IDisposable
{
    private readonly Shared shared;
    private readonly NodeKeys keys;
    private readonly MemoryModuleStore store;
    private readonly MemoryLogStore logStore = new();
    private readonly MemoryMirrorStore mirrorStore = new();
    private readonly MemoryIncidentStore incidentStore = new();
    private readonly MemoryDatabaseArchive archive = new();
    private readonly WitnessMemory witnessMemory = new();
    private readonly string folder;
    private readonly Random random;
    private ServiceProvider? node;
    private ServiceProvider? serving;
    private SimulatedHost? host;

    public SimulatedNode(Shared shared, int number, int org, Conduct conduct, int twin = 0)
    {
        this.shared = shared;
        Number = number;
        Org = org;
        Conduct = conduct;
        random = new Random(HashCode(shared.Seed, number, twin));
        folder = Path.Combine(shared.Folder, FormattableString.Invariant($"{Name}-{twin}"));
        Directory.CreateDirectory(folder);
        keys = NodeKeyFiles.Open(folder, Name, shared.Seed);
        store = new MemoryModuleStore(long.MaxValue, shared.Time, shared.Faults);
        Book = PoolBook.Open(null, shared.Time, shared.Faults);
    }

    public int Number { get; }

    public int Org { get; }

    public Conduct Conduct { get; }

    public string Name => FormattableString.Invariant($"node{Number}");

    public string OrgName => OrgNameOf(Org);

    public PoolBook Book { get; }

    public bool IsUp => node is not null;

    public string LogName => keys.Log.Name;

    public IReadOnlyList<Incident> Incidents => node?.GetRequiredService<IncidentBook>().All ?? [];

    public int Connected => node?.GetRequiredService<PeerTable>().Peers.Count(static peer => peer.Link is not null) ?? 0;

    public NodeDescription Description => new(
        Name,
        keys.Identity.PublicKey,
        keys.Log.Verifier,
        Athens.Federation.Node.Transparency.CosignatureVerifier.Of(keys.Witness),
        [FormattableString.Invariant($"10.{Org}.{Number >> 8}.{Number & 255}:3443")]);

    public static string OrgNameOf(int org) => FormattableString.Invariant($"org{org}");

    /// <summary>What the node holds by now.</summary>
    public ValueTask<IReadOnlyList<IndexEntry>> IndexAsync(DateTimeOffset since) => store.IndexAsync(since, int.MaxValue, CancellationToken.None);

    public async Task<string?> HeldHashAsync(ModuleVersion module) => (await store.FindAsync(module, CancellationToken.None))?.ZipHash;

    public async Task<long?> RecordOfAsync(ModuleVersion module) => (await logStore.FindAsync(module, CancellationToken.None))?.Number;

    /// <summary>Starts the process.</summary>
    public async Task StartAsync()
    {
        await shared.Clockwork.DoOutsideAsync(Compose);
        foreach (IHostedService service in node!.GetServices<IHostedService>())
        {
            await service.StartAsync(CancellationToken.None);
        }

        shared.Network.Add(host!);
    }

    /// <summary>The process is gone at once; what it had stored stays.</summary>
    public async Task KillAsync()
    {
        shared.Network.Remove(host!);
        (ServiceProvider ending, ServiceProvider answering) = (node!, serving!);
        (node, serving, host) = (null, null, null);
        foreach (IHostedService service in ending.GetServices<IHostedService>().Reverse())
        {
            await service.StopAsync(CancellationToken.None);
        }

        await answering.DisposeAsync();
        await ending.DisposeAsync();
    }

    /// <summary>A developer asks for a module version. The bytes of its zip, or why there are none.</summary>
    public async Task<Outcome<StoredFile>> RequestAsync(ModuleVersion module) =>
        node is { } running
            ? await running.GetRequiredService<IModuleRetrieval>().FileAsync(module, ModuleFileKind.Zip, CancellationToken.None)
            : Outcome<StoredFile>.Unavailable("the node is down");

    /// <summary>What runs is left: the process ends with the simulation.</summary>
    public void Dispose()
    {
        Book.Dispose();
        keys.Dispose();
    }

    private static int HashCode(int seed, int number, int twin) => unchecked((((seed * 486_187_739) + number) * 486_187_739) + twin);

    private void Compose()
    {
        FederationOptions options = new() { Listen = "simulated", Org = OrgName, Mesh = shared.Mesh };
        host = new SimulatedHost(Number, Org, PeerKey.Of(keys.Identity.PublicKey.Span));
        ServiceCollection services = new();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Error).AddProvider(shared.Faults));
        services.AddSingleton<TimeProvider>(shared.Time);
        services.AddSingleton<IModuleStore>(store).AddSingleton<ILogStore>(logStore).AddSingleton<IMirrorStore>(mirrorStore);
        services.AddSingleton<IIncidentStore>(incidentStore).AddSingleton<IDatabaseArchive>(archive);
        services.AddSingleton<IWitnessStore>(witnessMemory).AddWitness();
        services.AddSingleton(new ReceivedModules([], dataFolder: null));
        services.AddSingleton(keys);
        services.AddSingleton<IModuleSource>(new SimulatedUpstream(shared.Time, random, isForged: Conduct == Conduct.Liar));
        services.AddRetrieval(new RetrievalOptions { Checks = new PoolScheduler() })
            .AddOwnLog(null)
            .AddIncidents(null)
            .AddRecords("")
            .AddTrust(options.Rules(), goesUpstream: true);
        if (Conduct != Conduct.Liar)
        {
            services.AddSingleton(provider => new VerifiedDatabase(
                shared.Database.Identity,
                shared.Database,
                archive,
                new DatabaseEvidence(folder),
                new PrefixPatterns(""),
                provider.GetRequiredService<ILogger<VerifiedDatabase>>())
            {
                Incidents = provider.GetService<IIncidents>(),
            });
        }

        services.AddSingleton(new PoolTag());
        services.AddPools(options, folder, isKept: false, Name).AddSingleton(Book);
        services.AddFederation(options, new PeerList([]), Name);
        services.AddSingleton(provider => new PeerDialer(
            provider.GetRequiredService<NodeCertificate>(),
            PeersRegistration.Hello(Name),
            address => address.GetAddressBytes()[1] == Org,
            shared.Time,
            random)
        {
            Hints = new AllHints([.. provider.GetServices<IPeerHints>()]),
            Transport = new SimulatedTransport(shared.Network, host!),
        });
        node = services.BuildServiceProvider();

        // Each opens its store by a task of the pool and waits for it; one that did so inside another's task would wait for the only thread there is.
        _ = node.GetRequiredService<NodeLog>();
        _ = node.GetRequiredService<ILogTrust>();
        _ = node.GetRequiredService<IncidentBook>();
        _ = node.GetRequiredService<MirrorSet>();
        ComposeServing(node);
    }

    private void ComposeServing(ServiceProvider rooms)
    {
        ServiceCollection services = new();
        services.AddSingleton<ILoggerFactory>(rooms.GetRequiredService<ILoggerFactory>());
        services.AddSingleton<TimeProvider>(shared.Time);
        services.AddSingleton<IHostApplicationLifetime, Lifetime>();
        services.AddServing(FederationRegistration.ServingParts(rooms, Name));
        serving = services.BuildServiceProvider();
        SimulatedHost one = host!;
        PeerConnections connections = serving.GetRequiredService<PeerConnections>();
        one.IsWelcome = connections.IsWelcome;
        Wire.PeerService.BindService(one.Services, serving.GetRequiredService<FederationService>());
        Wire.LogService.BindService(one.Services, serving.GetRequiredService<LogFederation>());
        Wire.EvidenceService.BindService(one.Services, serving.GetRequiredService<EvidenceFederation>());
        Wire.WitnessService.BindService(one.Services, serving.GetRequiredService<WitnessFederation>());
        Wire.PoolService.BindService(one.Services, serving.GetRequiredService<PoolFederation>());
        Misbehave(one);
        _ = rooms.GetServices<IHostedService>().Count();
    }

    private void Misbehave(SimulatedHost one)
    {
        if (Conduct == Conduct.Silent)
        {
            one.Mischief = (method, token) => method.EndsWith("/Locate", StringComparison.Ordinal)
                || method.EndsWith("/Fetch", StringComparison.Ordinal)
                || method.EndsWith("/Records", StringComparison.Ordinal)
                || method.EndsWith("/GiveEvidence", StringComparison.Ordinal)
                    ? Task.Delay(Timeout.InfiniteTimeSpan, shared.Time, token)
                    : Task.CompletedTask;
        }
        else if (Conduct == Conduct.Corrupter)
        {
            one.Forgery = static answer =>
            {
                if (answer is Wire.FetchFrame { Data.Length: > 0 } frame)
                {
                    byte[] bytes = frame.Data.ToByteArray();
                    bytes[bytes.Length / 2] ^= 1;
                    return new Wire.FetchFrame { Size = frame.Size, Data = Google.Protobuf.ByteString.CopyFrom(bytes) };
                }

                return answer;
            };
        }
    }

    private sealed class Lifetime : IHostApplicationLifetime, IDisposable
    {
        private readonly CancellationTokenSource stopping = new();

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => stopping.Token;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => stopping.Cancel();

        public void Dispose()
        {
            stopping.Cancel();
            stopping.Dispose();
        }
    }
}
