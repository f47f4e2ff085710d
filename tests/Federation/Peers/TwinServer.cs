using System.Net;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Node.Transparency;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Peers;

/// <summary>A peer on a real socket, with the node's own server settings and TLS; what it says is a test's.</summary>
internal sealed class TwinServer : IAsyncDisposable
{
    private readonly SigningKey identity = SigningKey.Create("twin/identity");
    private readonly NodeCertificate certificate;
    private WebApplication? application;
    private int connections;

    public TwinServer()
    {
        certificate = new NodeCertificate(identity, TimeProvider.System);
        Log = SigningKey.Create("twin");
    }

    public PeerKey Key => certificate.Key;

    public int Port { get; private set; }

    public string Endpoint => $"127.0.0.1:{Port}";

    /// <summary>Connections that are open now, after TLS.</summary>
    public int Connections => Volatile.Read(ref connections);

    /// <summary>What it says its log key is.</summary>
    public SigningKey Log { get; set; }

    /// <summary>Locate calls that have arrived.</summary>
    public SemaphoreSlim Arrived { get; } = new(0);

    /// <summary>Locate is answered once this is complete.</summary>
    public TaskCompletionSource Answer { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Listens, at the same port as before if there was one.</summary>
    public async Task StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(options =>
        {
            PeerServer.Configure(options);
            options.Listen(IPAddress.Loopback, Port, endpoint =>
            {
                endpoint.Protocols = HttpProtocols.Http2;
                endpoint.UseHttps(PeerTls.KestrelOptions(certificate, static _ => true));
                endpoint.Use(Count);
            });
        });
        builder.Services.AddRouting();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(this);
        application = builder.Build();
        application.MapGrpcService<Service>();
        await application.StartAsync();
        Port = new Uri(application.Urls.First()).Port;
    }

    /// <summary>As a process that is killed: connections break, nobody listens.</summary>
    public async Task StopAsync()
    {
        if (application is not null)
        {
            using CancellationTokenSource now = new();
            await now.CancelAsync();
            await application.StopAsync(now.Token);
            await application.DisposeAsync();
            application = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Answer.TrySetResult();
        await StopAsync();
        certificate.Dispose();
        identity.Dispose();
        Arrived.Dispose();
    }

    private ConnectionDelegate Count(ConnectionDelegate next) => async connection =>
    {
        Interlocked.Increment(ref connections);
        try
        {
            await next(connection);
        }
        finally
        {
            Interlocked.Decrement(ref connections);
        }
    };

    private sealed class Service(TwinServer twin) : Wire.PeerService.PeerServiceBase
    {
        public override Task<Wire.WhoAreYouResponse> WhoAreYou(Wire.WhoAreYouRequest request, ServerCallContext context) =>
            Task.FromResult(new Wire.WhoAreYouResponse
            {
                IdentityKey = ByteString.CopyFrom(twin.Key.Bytes.Span),
                LogKey = ByteString.CopyFrom(twin.Log.PublicKey.Span),
                LogName = twin.Log.Name,
            });

        public override async Task<Wire.LocateResponse> Locate(Wire.LocateRequest request, ServerCallContext context)
        {
            twin.Arrived.Release();
            await twin.Answer.Task.WaitAsync(context.CancellationToken);
            Wire.LocateResponse response = new();
            response.Locations.AddRange(request.Modules.Select(static _ => new Wire.Location { State = Wire.Location.Types.State.Absent }));
            return response;
        }
    }
}
