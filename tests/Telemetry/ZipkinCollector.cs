using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Athens.Federation.Tests.Telemetry;

internal enum CollectorMode
{
    /// <summary>202, as Zipkin answers.</summary>
    Accepting,

    /// <summary>500 to every request.</summary>
    Failing,

    /// <summary>Takes the request and does not answer.</summary>
    Hanging,

    /// <summary>Breaks every connection.</summary>
    Broken,
}

/// <summary>A span as it came.</summary>
internal sealed record ZipkinSpan(
    string TraceId,
    string Id,
    string? ParentId,
    string? Kind,
    string Name,
    IReadOnlyDictionary<string, string> Tags,
    JsonElement Json);

/// <summary>A small Zipkin: takes spans over HTTP on a real port, and notes every breach of the v2 schema.</summary>
internal sealed class ZipkinCollector : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly CancellationTokenSource stopping = new();
    private readonly Lock gate = new();
    private readonly List<ZipkinSpan> spans = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int requests;

    private ZipkinCollector(WebApplication app) => this.app = app;

    public CollectorMode Mode { get; set; } = CollectorMode.Accepting;

    public Uri Endpoint { get; private set; } = null!;

    /// <summary>Breaches of the schema, empty when all is well.</summary>
    public ConcurrentQueue<string> Problems { get; } = new();

    /// <summary>Requests that reached the collector, whatever it made of them.</summary>
    public int Requests => Volatile.Read(ref requests);

    public IReadOnlyList<ZipkinSpan> Spans
    {
        get
        {
            lock (gate)
            {
                return [.. spans];
            }
        }
    }

    public static async Task<ZipkinCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        // Not the framework's source: a collector in the process under test must not add spans of its own.
        builder.Services.AddSingleton(new ActivitySource("zipkin collector"));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var collector = new ZipkinCollector(app);
        app.MapPost("/api/v2/spans", collector.ReceiveAsync);
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        collector.Endpoint = new Uri(address + "/api/v2/spans");
        return collector;
    }

    /// <summary>An endpoint where nobody listens: connections are refused for as long as the result is held.</summary>
    public static (Uri Endpoint, IDisposable Held) Down()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (new Uri($"http://{socket.LocalEndPoint}/api/v2/spans"), socket);
    }

    /// <summary>Waits until the spans received satisfy the condition; fails after the limit with what is there.</summary>
    public async Task<IReadOnlyList<ZipkinSpan>> WaitForSpansAsync(
        Func<IReadOnlyList<ZipkinSpan>, bool> condition,
        TimeSpan limit)
    {
        await WaitAsync(() => condition(Spans), limit);
        return Spans;
    }

    public Task WaitForRequestsAsync(int count, TimeSpan limit) => WaitAsync(() => Requests >= count, limit);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await app.DisposeAsync();
        stopping.Dispose();
    }

    private async Task WaitAsync(Func<bool> condition, TimeSpan limit)
    {
        using var expired = new CancellationTokenSource(limit);
        while (true)
        {
            Task next;
            lock (gate)
            {
                next = changed.Task;
            }

            if (condition())
            {
                return;
            }

            try
            {
                await next.WaitAsync(expired.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"not within {limit}; spans so far: {string.Join("; ", Spans.Select(span => span.Name))}");
            }
        }
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        Interlocked.Increment(ref requests);
        switch (Mode)
        {
            case CollectorMode.Failing:
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                break;
            case CollectorMode.Broken:
                context.Abort();
                break;
            case CollectorMode.Hanging:
                Changed();
                await HangAsync(context);
                return;
            default:
                await AcceptAsync(context);
                break;
        }

        Changed();
    }

    private async Task AcceptAsync(HttpContext context)
    {
        if (context.Request.ContentType != "application/json")
        {
            Problems.Enqueue($"content type is {context.Request.ContentType}");
        }

        using var document = await JsonDocument.ParseAsync(context.Request.Body);
        foreach (var problem in ZipkinSchema.Problems(document.RootElement))
        {
            Problems.Enqueue(problem);
        }

        lock (gate)
        {
            spans.AddRange(document.RootElement.EnumerateArray().Select(ToSpan));
        }

        context.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    private async Task HangAsync(HttpContext context)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping.Token);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = linked.Token.Register(ended.SetResult);
        await ended.Task;
    }

    private void Changed()
    {
        lock (gate)
        {
            changed.SetResult();
            changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private static ZipkinSpan ToSpan(JsonElement json) => new(
        Text(json, "traceId") ?? "",
        Text(json, "id") ?? "",
        Text(json, "parentId"),
        Text(json, "kind"),
        // Zipkin itself takes any case and keeps names in lower case.
        (Text(json, "name") ?? "").ToLowerInvariant(),
        json.TryGetProperty("tags", out var tags)
            ? tags.EnumerateObject().ToDictionary(tag => tag.Name, tag => tag.Value.GetString() ?? "")
            : [],
        json.Clone());

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? value.GetString() : null;
}
