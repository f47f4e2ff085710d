using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Athens.Federation.Node.Protocol;
using Athens.Federation.Node.Retrieval;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Athens.Federation.Tests.Protocol;

/// <summary>The front on a real Kestrel and a free port, over twins of what stands behind it.</summary>
internal sealed class FrontHost : IAsyncDisposable
{
    private readonly WebApplication app;

    private FrontHost(WebApplication app)
    {
        this.app = app;
        Address = new Uri(app.Urls.Single());
        Client = new HttpClient { BaseAddress = Address };
    }

    public Uri Address { get; }

    public IPEndPoint EndPoint => new(IPAddress.Loopback, Address.Port);

    public HttpClient Client { get; }

    public RetrievalTwin Retrieval { get; private init; } = null!;

    /// <summary>That of each request, the first one first.</summary>
    public ConcurrentQueue<Socket> Sockets { get; private init; } = null!;

    public StoreTwin Store { get; private init; } = null!;

    public LogTwin Log { get; private init; } = null!;

    public static Task<FrontHost> StartAsync(ProtocolOptions? options = null, params IReadinessCheck[] checks) => StartAsync(options, checks, []);

    public static async Task<FrontHost> StartAsync(ProtocolOptions? options, IReadinessCheck[] checks, IChecksumDatabase[] databases)
    {
        var retrieval = new RetrievalTwin();
        var store = new StoreTwin();
        var log = new LogTwin();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.AddProvider(log);
        builder.Services.Configure<KestrelServerOptions>(ProtocolServer.Configure);
        builder.Services.Configure<SocketTransportOptions>(ProtocolServer.Configure);
        builder.Services.AddSingleton<IModuleRetrieval>(retrieval);
        builder.Services.AddSingleton<IModuleStore>(store);
        if (options is not null)
        {
            builder.Services.AddSingleton(options);
        }

        foreach (var check in checks)
        {
            builder.Services.AddSingleton(check);
        }

        foreach (var database in databases)
        {
            builder.Services.AddSingleton(database);
        }

        builder.Services.AddProtocol();
        var app = builder.Build();
        ConcurrentQueue<Socket> sockets = [];
        app.Use((context, next) =>
        {
            sockets.Enqueue(context.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket);
            return next(context);
        });
        app.UseProtocol();
        await app.StartAsync();
        return new FrontHost(app) { Retrieval = retrieval, Store = store, Log = log, Sockets = sockets };
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }
}

/// <summary>Keeps every log line of the front with its values.</summary>
internal sealed class LogTwin : ILoggerProvider, ILogger
{
    public ConcurrentQueue<(LogLevel Level, string Event, Dictionary<string, object?> Values)> Lines { get; } = [];

    public ILogger CreateLogger(string categoryName) =>
        categoryName.StartsWith("Athens.", StringComparison.Ordinal) ? this : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (state is IReadOnlyList<KeyValuePair<string, object?>> values)
        {
            Lines.Enqueue((logLevel, eventId.Name ?? "", values.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal)));
        }
    }

    public void Dispose()
    {
    }
}
