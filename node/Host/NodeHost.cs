using System.Net;
using Athens.Federation.Node.Discovery;
using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Neighbours;
using Athens.Federation.Node.Federation.Pools;
using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Node.Host.Admin;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Protocol;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Provenance.PublicDatabases;
using Athens.Federation.Node.Provenance.Trust;
using Athens.Federation.Node.Provenance.Witnessing;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Storage;
using Athens.Federation.Node.Telemetry;
using Athens.Federation.Node.Upstream;
using Athens.Federation.Node.Upstream.ChecksumDatabases;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Athens.Federation.Node.Host;

/// <summary>A running node: every room composed, listening, and closed in the right order.</summary>
internal sealed class NodeHost : IAsyncDisposable
{
    /// <summary>Requests under way get this long to end before the sockets are closed; service managers kill after 30 s or more.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Storing = TimeSpan.FromMinutes(1);

    private readonly WebApplication application;

    private NodeHost(WebApplication application) => this.application = application;

    /// <summary>Where the front listens, with the port it was given when it asked for any.</summary>
    public Uri Address { get; private set; } = null!;

    public ILogger Logger => application.Services.GetRequiredService<ILogger<NodeHost>>();

    /// <summary>Opens the store (which puts right what a crash left), then listens.</summary>
    /// <exception cref="StoreFailedException">The data folder cannot be used.</exception>
    /// <exception cref="IOException">The address cannot be listened on.</exception>
    public static async Task<NodeHost> StartAsync(RunningConfiguration running, NodeKeys keys, CancellationToken cancellationToken)
    {
        ProtocolServer.PrepareSockets();
        var node = new NodeHost(Compose(running, keys));
        try
        {
            await node.application.StartAsync(cancellationToken);
            var addresses = node.application.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>();
            node.Address = new Uri(addresses.Addresses.First());
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Until SIGTERM, SIGINT or the token.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellationToken) => application.WaitForShutdownAsync(cancellationToken);

    public ValueTask DisposeAsync() => application.DisposeAsync();

    private static WebApplication Compose(RunningConfiguration running, NodeKeys keys)
    {
        var configuration = running.Values;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "athens" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            ProtocolServer.Configure(options);
            ListenAddress.Apply(configuration.Node.Listen, options);
        });
        var services = builder.Services;
        services.Configure<SocketTransportOptions>(ProtocolServer.Configure);
        services.Configure<HostOptions>(options => options.ShutdownTimeout = ShutdownTimeout);
        builder.Logging.AddAthensLogging(configuration.Telemetry)
            // A start that fails is told by the verb, in one sentence and without a stack.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Host.UseConsoleLifetime(options => options.SuppressStatusMessages = true);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(Front(configuration));
        services.AddSingleton<IReadinessCheck, StoreReadiness>();
        services.AddSingleton<IReadinessCheck, GoReadiness>();
        var upstream = UpstreamOf(configuration);
        ReceivedModules received = new(configuration.Federation.Received, configuration.Storage.Kind == StorageKind.Disk ? configuration.Node.Data : null);
        PrefixPatterns secret = new(configuration.Federation.Private);
        services.AddSingleton(received);
        services.AddStorage(configuration.Storage, configuration.Node.Data)
            .AddUpstream(upstream, configuration.Node.Data)
            .AddRetrieval(configuration.Retrieval with { FetchDeadline = FetchDeadline(configuration.Upstream) }, configuration.Federation.Private)
            .AddOwnLog(configuration.Storage.Kind == StorageKind.Disk ? configuration.Node.Data : null)
            .AddIncidents(configuration.Storage.Kind == StorageKind.Disk ? configuration.Node.Data : null)
            .AddRecords(configuration.Federation.Private)
            .AddTrust(configuration.Federation.Rules(), goesUpstream: !upstream.IsOff)
            .AddProtocol()
            .AddTelemetry(configuration.Telemetry, configuration.Node.Name, path => secret.Matches(path) || received.Has(path));
        AddChecksumDatabase(services, configuration, upstream);
        services.AddSingleton(running);
        services.AddSingleton(keys);
        if (keys.Rotation is { } rotation)
        {
            services.AddFormerLog(rotation);
        }

        if (configuration.Storage.Kind == StorageKind.Disk)
        {
            services.AddWitness();
        }

        AddPeers(services, configuration);
        services.AddDiscovery(configuration.Discovery, keys.Identity.PublicKey, static provider => Reached(provider.GetService<PeerFront>()?.Address));
        services.AddNeighbours(configuration.Node.Data, PinCommand.Of(configuration.Node.Data), configuration.Discovery.Strangers);
        services.AddAdmin(configuration.Node.Data);
        var built = builder.Build();
        built.UseProtocol();
        return built;
    }

    /// <summary>What is private in the pool is private to every checksum database.</summary>
    private static UpstreamOptions UpstreamOf(NodeConfiguration configuration) => configuration.Upstream with
    {
        Private = configuration.Federation.Private,
        NoSum = string.Join(',', new[] { configuration.Upstream.NoSum, configuration.Federation.Private }.Where(patterns => patterns.Length > 0)),
    };

    /// <summary>
    /// The database that the node's own <c>go</c> verifies with, for its clients. Not when it is read from files, and not by a node that never goes
    /// upstream and has kept nothing of it: clients then go to the database by themselves.
    /// </summary>
    private static void AddChecksumDatabase(IServiceCollection services, NodeConfiguration configuration, UpstreamOptions upstream)
    {
        var data = configuration.Node.Data;
        if (DatabaseIdentity.Parse(upstream.SumDb, out _) is { Address.Scheme: "https" or "http" } database
            && (!upstream.IsOff || File.Exists(new StoreLayout(data).SumDb)))
        {
            services.AddDatabaseArchive(configuration.Storage, data, database.Key.ToString());
            services.AddSingleton(database);
            services.AddChecksumDatabase(database, upstream, data);
        }
    }

    private static void AddPeers(IServiceCollection services, NodeConfiguration configuration)
    {
        var options = configuration.Federation;
        services.AddPools(options, configuration.Node.Data, configuration.Storage.Kind == StorageKind.Disk, configuration.Node.Name);
        services.AddFederation(options, new PeerList(configuration.Peers), configuration.Node.Name);
        services.AddHostedService<PeerReload>();
        if (options.Listen.Length > 0)
        {
            services.AddPeerListener(kestrel => ListenAddress.Apply(options.Listen, kestrel), configuration.Node.Name);
        }
    }

    private static IPEndPoint? Reached(Uri? peers) => peers is null ? null : new IPEndPoint(IPAddress.Parse(peers.Host), peers.Port);

    private static ProtocolOptions Front(NodeConfiguration configuration)
    {
        var defaults = new ProtocolOptions();
        var listTtl = configuration.Retrieval.ListTtl;
        return defaults with
        {
            LogRequests = configuration.Telemetry.LogRequests,
            RepeatChanging = listTtl < defaults.RepeatChanging ? listTtl : defaults.RepeatChanging,
        };
    }

    /// <summary>A fetch may wait for a worker as long as a child may run, and then run as long; the rest is checking and storing.</summary>
    private static TimeSpan FetchDeadline(UpstreamOptions upstream) => (2 * upstream.Timeout) + Storing;
}
