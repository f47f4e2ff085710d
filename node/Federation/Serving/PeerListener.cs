using System.Net;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Incidents;
using Athens.Federation.Node.Federation.Logs;
using Athens.Federation.Node.Federation.Pools;
using Athens.Federation.Node.Federation.Witnessing;
using Athens.Federation.Node.Telemetry;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Athens.Federation.Node.Federation.Serving;

/// <summary>
/// The port that peers connect to: a server of its own beside the Go front, with other limits, HTTP/2 only, mutual TLS 1.3.
/// </summary>
internal sealed class PeerListener : IAsyncDisposable
{
    /// <summary>Calls under way get this long after GOAWAY; then their connections are closed. Less than the node's own 10 s.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly WebApplication application;

    private PeerListener(WebApplication application) => this.application = application;

    /// <summary>Where it listens, with the port it was given when it asked for any.</summary>
    public Uri Address { get; private set; } = null!;

    /// <param name="parts">The rest of the node.</param>
    /// <param name="bind">Says Kestrel where to listen.</param>
    /// <param name="cancellationToken">Gives the start up.</param>
    /// <exception cref="IOException">The address cannot be listened on.</exception>
    public static async Task<PeerListener> StartAsync(
        PeerServingParts parts, Action<KestrelServerOptions> bind, CancellationToken cancellationToken)
    {
        PeerListener listener = new(Compose(parts, bind));
        try
        {
            await listener.application.StartAsync(cancellationToken);
            var addresses = listener.application.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>();
            listener.Address = new Uri(addresses.Addresses.First());
            listener.application.Logger.ServingPeers(listener.Address.Authority, parts.Certificate.Key.ToString());
            return listener;
        }
        catch
        {
            await listener.application.DisposeAsync();
            throw;
        }
    }

    /// <summary>Tells every peer to go elsewhere (GOAWAY), lets calls under way end, then closes.</summary>
    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource grace = new(Grace);
        await application.StopAsync(grace.Token);
        await application.DisposeAsync();
    }

    private static WebApplication Compose(PeerServingParts parts, Action<KestrelServerOptions> bind)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "athens" });
        IServiceCollection services = builder.Services;
        services.AddSingleton<ILoggerFactory>(_ => new ServerLoggers(parts.Loggers, parts.Time));
        services.AddSingleton(parts.Time);
        services.AddSingleton<IHostLifetime, Companion>();
        services.AddSingleton<IStartupFilter, RequestSpans>();
        services.AddServing(parts);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(options =>
        {
            PeerServer.Configure(options);
            options.ConfigureEndpointDefaults(endpoint => Secure(endpoint, parts));
            bind(options);
        });
        services.Configure<SocketTransportOptions>(PeerServer.Configure);
        services.AddRouting();
        services.AddGrpc(options =>
        {
            options.MaxReceiveMessageSize = PeerServer.MaxMessage;
            options.EnableDetailedErrors = false;
        });
        var built = builder.Build();
        Departures departures = built.Services.GetRequiredService<Departures>();
        built.Use(next => http => departures.SeeOffAsync(http, next));
        built.MapGrpcService<FederationService>();
        if (parts.Logs is not null)
        {
            built.MapGrpcService<LogFederation>();
        }

        if (parts.Incidents is not null)
        {
            built.MapGrpcService<EvidenceFederation>();
        }

        if (parts.Witness is not null)
        {
            built.MapGrpcService<WitnessFederation>();
        }

        if (parts.Pool is not null)
        {
            built.MapGrpcService<PoolFederation>();
        }

        return built;
    }

    private static void Secure(ListenOptions endpoint, PeerServingParts parts)
    {
        IServiceProvider services = endpoint.ApplicationServices;
        PeerConnections connections = services.GetRequiredService<PeerConnections>();
        RefusedConnections refused = services.GetRequiredService<RefusedConnections>();
        endpoint.Protocols = HttpProtocols.Http2;
        endpoint.Use(connections.BeforeTls);
        endpoint.UseHttps(PeerTls.KestrelOptions(
            parts.Certificate, connections.IsWelcome, (_, reason) => refused.Tell(reason)));
        endpoint.Use(connections.AfterTls);
        endpoint.Use(LargeRecords.Use);
    }

    /// <summary>The lifetime of a server inside a process that another host ends: it listens to no signal.</summary>
    private sealed class Companion : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
