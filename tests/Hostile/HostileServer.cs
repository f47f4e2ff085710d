using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Athens.Federation.Node.Federation.Identity;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Hostile;

/// <summary>A hostile peer on a real Kestrel, a real port and TLS 1.3. What it says is <see cref="HostilePeer"/>'s.</summary>
internal sealed class HostileServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly NodeCertificate genuine;

    private HostileServer(WebApplication app, HostilePeer peer, NodeCertificate genuine)
    {
        this.app = app;
        this.genuine = genuine;
        Peer = peer;
    }

    public HostilePeer Peer { get; }

    public string Address => new Uri(app.Urls.Single()).Authority;

    public static async Task<HostileServer> StartAsync(HostilePeer peer)
    {
        NodeCertificate genuine = new(peer.Identity, TimeProvider.System);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(Tls(peer, genuine)) });
            listen.Use(PoisonedConnection.Middleware);
        }));
        builder.Services.AddGrpc(static options => options.MaxSendMessageSize = null);
        builder.Services.AddSingleton(peer);
        WebApplication app = builder.Build();
        app.Use((context, next) =>
        {
            peer.Called();
            return peer.Raw(context) ?? next(context);
        });
        app.MapGrpcService<Service>();
        app.MapGrpcService<Logs>();
        app.MapGrpcService<Witnesses>();
        app.MapGrpcService<Pools>();
        await app.StartAsync();
        return new HostileServer(app, peer, genuine);
    }

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource now = new(TimeSpan.FromMilliseconds(100));
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
        genuine.Dispose();
        Peer.Dispose();
    }

    /// <summary>Asks no client who it is: whoever lies takes everybody.</summary>
    private static SslServerAuthenticationOptions Tls(HostilePeer peer, NodeCertificate genuine) => new()
    {
        ServerCertificateContext = peer.Certificate is { } own ? SslStreamCertificateContext.Create(own, additionalCertificates: null, offline: true) : genuine.Context,
        EnabledSslProtocols = SslProtocols.Tls13,
        ApplicationProtocols = [SslApplicationProtocol.Http2],
    };

    private sealed class Service(HostilePeer peer) : Wire.PeerService.PeerServiceBase
    {
        public override Task<Wire.WhoAreYouResponse> WhoAreYou(Wire.WhoAreYouRequest request, ServerCallContext context) => Task.FromResult(peer.Hello(new Wire.WhoAreYouResponse
        {
            Software = "athens 0.0.0",
            Name = peer.Name,
            IdentityKey = Google.Protobuf.ByteString.CopyFrom(peer.Identity.PublicKey.Span),
            LogKey = Google.Protobuf.ByteString.CopyFrom(peer.Log.PublicKey.Span),
            LogName = peer.Log.Name,
        }));

        public override Task<Wire.LocateResponse> Locate(Wire.LocateRequest request, ServerCallContext context) => peer.Locate(request);

        public override Task<Wire.VersionsResponse> Versions(Wire.VersionsRequest request, ServerCallContext context) => Task.FromResult(peer.Versions(request));

        public override Task<Wire.ResolveResponse> Resolve(Wire.ResolveRequest request, ServerCallContext context) => Task.FromResult(peer.Resolve(request));

        public override Task Fetch(Wire.FetchRequest request, IServerStreamWriter<Wire.FetchFrame> responseStream, ServerCallContext context) =>
            peer.FetchAsync(request, responseStream, context);
    }

    private sealed class Logs(HostilePeer peer) : Wire.LogService.LogServiceBase
    {
        private HostileLog Kept => peer.Kept ?? throw new RpcException(new Status(StatusCode.Unimplemented, ""));

        public override Task Watch(Wire.WatchRequest request, IServerStreamWriter<Wire.HeadNews> responseStream, ServerCallContext context) =>
            Kept.WatchAsync(responseStream, context.CancellationToken);

        public override Task Records(Wire.RecordsRequest request, IServerStreamWriter<Wire.RecordsFrame> responseStream, ServerCallContext context) =>
            Kept.RecordsAsync(request, responseStream);

        public override Task WatchRelayed(Wire.WatchRelayedRequest request, IServerStreamWriter<Wire.RelayedHead> responseStream, ServerCallContext context) =>
            peer.WatchRelayed?.Invoke(request, responseStream, context.CancellationToken) ?? throw new RpcException(new Status(StatusCode.Unimplemented, ""));

        public override Task<Wire.PrefixResponse> Prefix(Wire.PrefixRequest request, ServerCallContext context) => Kept.PrefixAsync(request);

        public override Task<Wire.SeenHeadResponse> SeenHead(Wire.SeenHeadRequest request, ServerCallContext context)
        {
            Kept.Seen.Enqueue(request.Checkpoint.ToByteArray());
            return Task.FromResult(new Wire.SeenHeadResponse());
        }
    }

    private sealed class Pools(HostilePeer peer) : Wire.PoolService.PoolServiceBase
    {
        public override Task WatchPool(Wire.WatchPoolRequest request, IServerStreamWriter<Wire.PoolNews> responseStream, ServerCallContext context) =>
            peer.WatchPool?.Invoke(responseStream, context.CancellationToken) ?? throw new RpcException(new Status(StatusCode.Unimplemented, ""));
    }

    private sealed class Witnesses(HostilePeer peer) : Wire.WitnessService.WitnessServiceBase
    {
        public override Task<Wire.AddCheckpointResponse> AddCheckpoint(Wire.AddCheckpointRequest request, ServerCallContext context) =>
            Task.FromResult(peer.Cosign?.Invoke(request) ?? throw new RpcException(new Status(StatusCode.Unimplemented, "")));
    }
}
