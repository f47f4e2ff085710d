using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using Athens.Federation.Node.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Athens.Federation.Tests.Telemetry;

[Collection(TracingTests.Name)]
public sealed class OtlpExportTests : IAsyncLifetime, IDisposable
{
    private readonly ConcurrentDictionary<string, byte[]> received = new();
    private readonly LogCapture log = new();
    private string grpcStatus = "0";
    private WebApplication collector = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(new ActivitySource("otlp collector"));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        collector = builder.Build();
        collector.MapPost("/{**path}", ReceiveAsync);
        await collector.StartAsync();
    }

    public async Task DisposeAsync() => await collector.DisposeAsync();

    public void Dispose() => log.Dispose();

    [Fact]
    public async Task Over_http_spans_and_metrics_go_to_their_own_paths()
    {
        await RecordAsync(new Uri(collector.Urls.First() + "/v1/traces"));

        Assert.Equal(["/v1/metrics", "/v1/traces"], received.Keys.Order());
        Assert.Contains("otlp-span", Text("/v1/traces"), StringComparison.Ordinal);
        Assert.Contains("node-7", Text("/v1/traces"), StringComparison.Ordinal);
        Assert.Contains("athens.requests", Text("/v1/metrics"), StringComparison.Ordinal);
        Assert.Contains("athens.store.admitted", Text("/v1/metrics"), StringComparison.Ordinal);
        Assert.Empty(log.Lines);
    }

    [Fact]
    public async Task Over_grpc_spans_and_metrics_go_to_their_services()
    {
        await RecordAsync(new Uri(collector.Urls.Last()));

        Assert.Equal(
            [
                "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
                "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
            ],
            received.Keys.Order());
        Assert.Empty(log.Lines);
    }

    [Fact]
    public async Task A_failing_grpc_status_costs_one_line_for_spans_and_metrics_together()
    {
        // The first gRPC call of a process compiles so much that a busy machine may take the two seconds it has.
        using var notThisLog = new LogCapture();
        await RecordAsync(new Uri(collector.Urls.Last()), notThisLog);
        grpcStatus = "8";
        await RecordAsync(new Uri(collector.Urls.Last()));

        var line = Assert.Single(log.Lines);
        Assert.Equal(LogLevel.Information, line.Level);
        Assert.Contains("gRPC status 8", line.Message, StringComparison.Ordinal);
    }

    private Task RecordAsync(Uri endpoint) => RecordAsync(endpoint, log);

    private static async Task RecordAsync(Uri endpoint, LogCapture into)
    {
        using var loggers = LoggerFactory.Create(builder => builder.AddProvider(into));
        using var export = new TelemetryExport(new() { Otlp = endpoint }, "node-7", loggers, TimeProvider.System);
        await export.StartAsync(CancellationToken.None);
        Activity.Current = null;
        Tracing.Source.StartActivity("otlp-span")!.Dispose();
        Meters.Request("found", "store");
        Meters.Fetch("found", TimeSpan.FromSeconds(1));
        Meters.ChildQueued(1);
        Meters.ChildRunning(1);
        Meters.Stored(100);
        await export.StopAsync(CancellationToken.None);
    }

    private string Text(string path) => Encoding.Latin1.GetString(received[path]);

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        received[context.Request.Path] = body.ToArray();
        if (context.Request.ContentType == "application/grpc")
        {
            context.Response.ContentType = "application/grpc";
            // An empty message: no compression, length 0.
            await context.Response.Body.WriteAsync(new byte[5]);
            context.Response.AppendTrailer("grpc-status", grpcStatus);
        }
    }
}
