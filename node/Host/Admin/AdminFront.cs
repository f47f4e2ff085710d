using System.Net;
using System.Net.Sockets;
using Athens.Federation.Node.Cli.Admin;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Athens.Federation.Node.Host.Admin;

/// <summary>Carries out verbs for <c>athens</c> commands on the same machine, over <c>&lt;data&gt;/admin.sock</c>. A node that cannot have the socket runs on without.</summary>
internal sealed class AdminFront(string dataFolder, AdminVerbs verbs, ILogger<AdminFront> logger) : IHostedService
{
    /// <summary>Commands at once.</summary>
    private const int MaxConnections = 16;

    private const int MaxHeaderBytes = 8 << 10;

    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private WebApplication? application;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var path = AdminWire.SocketIn(dataFolder);
        try
        {
            // Kestrel listens on what it gets once more, which changes nothing.
            application = Compose(path, AdminSocket.Open(path));
            await application.StartAsync(cancellationToken);
        }
        catch (IOException error)
        {
            logger.NoSocket(error.Message);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref application, null) is { } open)
        {
            using var grace = new CancellationTokenSource(Grace);
            await open.StopAsync(grace.Token);
            await open.DisposeAsync();
        }
    }

    private WebApplication Compose(string path, Socket socket)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "athens" });
        builder.Services.AddSingleton<IHostLifetime, Companion>();
        builder.Services.Configure<SocketTransportOptions>(options => options.CreateBoundListenSocket = _ => socket);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxConcurrentConnections = MaxConnections;
            options.Limits.MaxRequestBodySize = AdminWire.MaxRequest;
            options.Limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
            options.Limits.RequestHeadersTimeout = HeadersTimeout;
            options.Limits.KeepAliveTimeout = Idle;
            options.ListenUnixSocket(path, endpoint => endpoint.Protocols = HttpProtocols.Http1);
        });
        var built = builder.Build();
        built.Run(AnswerAsync);
        return built;
    }

    private async Task AnswerAsync(HttpContext http)
    {
        if (!HttpMethods.IsPost(http.Request.Method) || http.Request.Path != AdminWire.Path)
        {
            http.Response.StatusCode = (int)HttpStatusCode.NotFound;
            return;
        }

        var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        var answer = await verbs.RunAsync(AdminWire.ReadRequest(body.GetBuffer().AsSpan(0, (int)body.Length)), http.RequestAborted);
        var bytes = AdminWire.Format(answer);
        http.Response.ContentType = AdminWire.MediaType;
        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }

    /// <summary>The lifetime of a server inside a process that another host ends: it listens to no signal.</summary>
    private sealed class Companion : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
