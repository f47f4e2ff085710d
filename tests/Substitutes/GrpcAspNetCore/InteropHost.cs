using System.Collections.Concurrent;
using System.Net;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Athens.Federation.Tests.Substitutes.GrpcAspNetCore;

/// <summary>The server under test on a real Kestrel and a real port, without TLS.</summary>
internal sealed class InteropHost : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly LogLines log;

    private InteropHost(WebApplication app, LogLines log)
    {
        this.app = app;
        this.log = log;
        Http = new HttpClient(new SocketsHttpHandler { EnableMultipleHttp2Connections = true })
        {
            BaseAddress = new Uri(app.Urls.Single()),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    public int Port => new Uri(app.Urls.Single()).Port;

    public ServerSight Sight => app.Services.GetRequiredService<ServerSight>();

    public HttpClient Http { get; }

    /// <summary>Warnings and errors of the server so far.</summary>
    public IEnumerable<string> Complaints => log.Lines;

    public static async Task<InteropHost> StartAsync(
        Action<GrpcServiceOptions>? options = null,
        HttpProtocols protocols = HttpProtocols.Http2,
        Action<IServiceCollection>? services = null,
        Action<IEndpointRouteBuilder>? routes = null)
    {
        var log = new LogLines();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        builder.Services.AddGrpc(options ?? (_ => { }));
        builder.Services.AddSingleton<ServerSight>();
        services?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapGrpcService<InteropService>();
        routes?.Invoke(app);
        await app.StartAsync();
        return new InteropHost(app, log);
    }

    public Task StopAsync(CancellationToken cancellationToken) => app.StopAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        Sight.Deaf.TrySetResult();
        Http.Dispose();
        await app.DisposeAsync();
    }

    private sealed class LogLines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                Lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");
            }
        }
    }
}
