using Athens.Federation.Node.Protocol;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Storage;
using Athens.Federation.Node.Telemetry;
using Athens.Federation.Node.Upstream;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Athens.Federation.Node.Host;

/// <summary>A running node: every room composed, listening, and closed in the right order.</summary>
internal sealed class NodeHost : IAsyncDisposable
{
    /// <summary>Requests under way get this long to end before the sockets are closed; service managers kill after 30 s or more.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(10);

    private readonly WebApplication application;
    private readonly IAsyncDisposable store;
    private readonly ILoggerFactory logging;

    private NodeHost(WebApplication application, IAsyncDisposable store, ILoggerFactory logging)
    {
        this.application = application;
        this.store = store;
        this.logging = logging;
    }

    /// <summary>Where the front listens, with the port it was given when it asked for any.</summary>
    public Uri Address { get; private set; } = null!;

    public ILogger Logger => logging.CreateLogger<NodeHost>();

    /// <summary>Opens the store (which puts right what a crash left), then listens.</summary>
    /// <exception cref="StoreFailedException">The data folder cannot be used.</exception>
    /// <exception cref="IOException">The address cannot be listened on.</exception>
    public static async Task<NodeHost> StartAsync(NodeConfiguration configuration, CancellationToken cancellationToken)
    {
        var logging = LoggerFactory.Create(builder => builder.AddAthensLogging(configuration.Telemetry));
        IOpenModuleStore? store = null;
        NodeHost? node = null;
        try
        {
            store = await ModuleStores.OpenAsync(configuration.Storage, configuration.Node.Data, TimeProvider.System, logging, cancellationToken);
            node = new NodeHost(Compose(configuration, store, logging), store, logging);
            await node.application.StartAsync(cancellationToken);
            var addresses = node.application.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>();
            node.Address = new Uri(addresses.Addresses.First());
            return node;
        }
        catch
        {
            await (node?.DisposeAsync() ?? DisposeAsync(store, logging));
            throw;
        }
    }

    /// <summary>Until SIGTERM, SIGINT or the token.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellationToken) => application.WaitForShutdownAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await application.DisposeAsync();
        await DisposeAsync(store, logging);
    }

    private static async ValueTask DisposeAsync(IAsyncDisposable? store, ILoggerFactory logging)
    {
        if (store is not null)
        {
            await store.DisposeAsync();
        }

        logging.Dispose();
    }

    private static WebApplication Compose(NodeConfiguration configuration, IModuleStore store, ILoggerFactory logging)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "athens" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            ProtocolServer.Configure(options);
            ListenAddress.Apply(configuration.Node.Listen, options);
        });
        var services = builder.Services;
        services.Configure<SocketTransportOptions>(ProtocolServer.Configure);
        services.Configure<HostOptions>(options => options.ShutdownTimeout = ShutdownTimeout);
        builder.Host.UseConsoleLifetime(options => options.SuppressStatusMessages = true);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(store);
        services.AddSingleton(new ProtocolOptions { LogRequests = configuration.Telemetry.LogRequests });
        services.AddSingleton<IReadinessCheck, StoreReadiness>();
        services.AddSingleton<IReadinessCheck, GoReadiness>();
        services.AddUpstream(configuration.Upstream, configuration.Node.Data)
            .AddRetrieval(configuration.Retrieval)
            .AddProtocol()
            .AddTelemetry(configuration.Telemetry, configuration.Node.Name);

        // One factory for what runs before the container and what runs in it.
        services.Replace(ServiceDescriptor.Singleton(logging));
        var application = builder.Build();
        application.UseProtocol();
        return application;
    }
}
