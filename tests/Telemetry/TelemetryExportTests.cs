using System.Diagnostics;
using System.Net;
using Athens.Federation.Node.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Athens.Federation.Tests.Telemetry;

/// <summary>Activity listeners see the whole process: tests that record run one after the other.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TracingTests
{
    public const string Name = "tracing";
}

[Collection(TracingTests.Name)]
public sealed class TelemetryExportTests : IAsyncLifetime, IDisposable
{
    private const int Failing = EventIds.Telemetry + 1;
    private const int Recovered = EventIds.Telemetry + 2;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly LogCapture log = new();
    private ZipkinCollector collector = null!;

    public async Task InitializeAsync() => collector = await ZipkinCollector.StartAsync();

    public async Task DisposeAsync() => await collector.DisposeAsync();

    public void Dispose() => log.Dispose();

    [Fact]
    public async Task A_request_and_all_that_it_causes_are_one_tree()
    {
        await using var app = await StartAsync(new() { Zipkin = collector.Endpoint });
        var marker = NewTrace(recorded: true);
        await GetAsync(app, "/outer", marker);
        var spans = await collector.WaitForSpansAsync(
            all => all.Count(span => span.TraceId == TraceOf(marker)) >= 4, Limit);

        var tree = spans.Where(span => span.TraceId == TraceOf(marker)).ToList();
        var outer = tree.Single(span => span.Kind == "SERVER" && span.ParentId == SpanOf(marker));
        var work = tree.Single(span => span.Name == "work" && span.ParentId == outer.Id);
        var call = tree.Single(span => span.Kind == "CLIENT" && span.ParentId == work.Id);
        Assert.Single(tree, span => span.Kind == "SERVER" && span.ParentId == call.Id);
        Assert.True(call.Json.TryGetProperty("remoteEndpoint", out _));
        Assert.Equal("node-7", outer.Tags["service.instance.id"]);
        Assert.Equal("athens", outer.Json.GetProperty("localEndpoint").GetProperty("serviceName").GetString());
        Assert.Equal(("get /outer", "GET"), (outer.Name, outer.Tags["http.request.method"]));
        Assert.Equal(("200", "/outer"), (outer.Tags["http.response.status_code"], outer.Tags["url.path"]));
        Assert.Empty(collector.Problems);
        Assert.Empty(log.Lines);
    }

    [Fact]
    public async Task No_request_of_the_exporter_is_traced()
    {
        await using var app = await StartAsync(new() { Zipkin = collector.Endpoint });
        await GetAsync(app, "/inner", null);
        await collector.WaitForRequestsAsync(1, Limit);
        await app.StopAsync();

        Assert.Equal(["SERVER"], collector.Spans.Select(span => span.Kind));
    }

    [Fact]
    public async Task A_share_of_0_records_only_what_the_caller_records()
    {
        await using var app = await StartAsync(new() { Zipkin = collector.Endpoint, Sample = 0 });
        var recorded = NewTrace(recorded: true);
        await GetAsync(app, "/inner", null);
        await GetAsync(app, "/inner", NewTrace(recorded: false));
        await GetAsync(app, "/inner", recorded);
        await app.StopAsync();

        Assert.Equal([TraceOf(recorded)], OfThisTest().Select(span => span.TraceId).Distinct());
    }

    [Fact]
    public async Task A_share_records_about_that_share_and_follows_the_caller_who_does_not_record()
    {
        await using var app = await StartAsync(new() { Zipkin = collector.Endpoint, Sample = 0.25 });
        for (var i = 0; i < 400; i++)
        {
            await GetAsync(app, "/inner", null);
        }

        await GetAsync(app, "/inner", NewTrace(recorded: false));
        await app.StopAsync();

        // 400 draws of 0.25: six standard deviations either side.
        Assert.InRange(OfThisTest().Select(span => span.TraceId).Distinct().Count(), 48, 152);
    }

    [Fact]
    public async Task Without_an_exporter_no_activity_is_begun()
    {
        await using var app = await StartAsync(new());
        Assert.Equal("none", await GetAsync(app, "/current", null));
        Assert.DoesNotContain(app.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>(),
            service => service is TelemetryExport);
    }

    [Fact]
    public async Task An_exporter_that_is_down_costs_one_line()
    {
        var (endpoint, held) = ZipkinCollector.Down();
        using var stays = held;
        await using var app = await StartAsync(new() { Zipkin = endpoint });
        await GetAsync(app, "/inner", null);
        var line = await log.WaitForAsync(Failing, Limit);
        await GetAsync(app, "/inner", null);
        await app.StopAsync();

        Assert.Equal((LogLevel.Information, "Athens.Federation.Node.Telemetry"), (line.Level, line.Category));
        Assert.Contains(endpoint.Authority, line.Message, StringComparison.Ordinal);
        Assert.Single(log.Lines);
    }

    [Fact]
    public async Task An_exporter_that_answers_500_costs_one_line_and_one_when_it_is_well()
    {
        collector.Mode = CollectorMode.Failing;
        await using var app = await StartAsync(new() { Zipkin = collector.Endpoint });
        await GetAsync(app, "/inner", null);
        var line = await log.WaitForAsync(Failing, Limit);
        Assert.Contains("500", line.Message, StringComparison.Ordinal);
        collector.Mode = CollectorMode.Accepting;
        using var stop = new CancellationTokenSource();
        var traffic = TrafficAsync(app, stop.Token);
        var well = await log.WaitForAsync(Recovered, Limit);
        await stop.CancelAsync();
        await traffic;

        Assert.Equal(LogLevel.Information, well.Level);
        Assert.Equal([Failing, Recovered], log.Lines.Select(l => l.Id.Id));
    }

    [Fact]
    public async Task An_exporter_that_does_not_answer_costs_one_line_and_two_seconds_of_shutdown()
    {
        collector.Mode = CollectorMode.Hanging;
        await using var app = await StartAsync(new() { Zipkin = collector.Endpoint });
        await GetAsync(app, "/inner", null);
        var line = await log.WaitForAsync(Failing, Limit);
        Assert.Contains("no answer within 2 s", line.Message, StringComparison.Ordinal);
        using var stop = new CancellationTokenSource();
        var traffic = TrafficAsync(app, stop.Token);
        await collector.WaitForRequestsAsync(2, Limit);
        await stop.CancelAsync();
        await traffic;
        var begun = Stopwatch.GetTimestamp();
        await app.StopAsync();
        await app.DisposeAsync();

        Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.Zero, TimeSpan.FromSeconds(8));
        Assert.Single(log.Lines);
    }

    [Fact]
    public async Task A_storm_of_spans_into_a_hanging_exporter_does_not_grow_the_memory()
    {
        collector.Mode = CollectorMode.Hanging;
        using var export = new TelemetryExport(
            new() { Zipkin = collector.Endpoint }, "node-7", LoggerFactory.Create(b => b.AddProvider(log)), TimeProvider.System);
        await export.StartAsync(CancellationToken.None);
        Storm(20_000);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        Storm(200_000);
        var after = GC.GetTotalMemory(forceFullCollection: true);
        await export.StopAsync(CancellationToken.None);

        Assert.InRange(after - before, long.MinValue, 8 << 20);
        Assert.InRange(log.Lines.Count, 0, 1);
    }

    private static void Storm(int count)
    {
        Activity.Current = null;
        for (var i = 0; i < count; i++)
        {
            using var activity = Tracing.Source.StartActivity("storm");
            activity?.SetTag("filling", "the quick brown fox jumps over the lazy dog");
        }
    }

    private static async Task TrafficAsync(WebApplication app, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await GetAsync(app, "/inner", null);
        }
    }

    private IEnumerable<ZipkinSpan> OfThisTest() => collector.Spans.Where(span => span.Kind == "SERVER");

    private async Task<WebApplication> StartAsync(TelemetryOptions options)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.AddAthensLogging(options, Stream.Null);
        builder.Logging.AddProvider(log);
        builder.Services.AddTelemetry(options, "node-7", isPrivate: null);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.MapGet("/inner", () => "inner");
        app.MapGet("/current", () => Activity.Current?.Id ?? "none");
        app.MapGet("/outer", async (HttpContext context) =>
        {
            using var work = Tracing.Source.StartActivity("work");
            using var client = new HttpClient();
            var own = $"http://127.0.0.1:{context.Connection.LocalPort}/inner";
            return await client.GetStringAsync(new Uri(own), context.RequestAborted);
        });
        await app.StartAsync();
        return app;
    }

    /// <summary>The client lets no trace of its own into the request.</summary>
    private static async Task<string> GetAsync(WebApplication app, string path, string? traceParent)
    {
        using var handler = new SocketsHttpHandler { ActivityHeadersPropagator = null };
        using var client = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, app.Urls.First() + path);
        if (traceParent is not null)
        {
            request.Headers.Add("traceparent", traceParent);
        }

        using var response = await client.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }

    private static string NewTrace(bool recorded) =>
        $"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-0{(recorded ? 1 : 0)}";

    private static string TraceOf(string traceParent) => traceParent.Split('-')[1];

    private static string SpanOf(string traceParent) => traceParent.Split('-')[2];
}
