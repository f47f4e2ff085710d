using System.Diagnostics;
using System.Text.Json;
using Athens.Federation.Tests.Telemetry;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Athens.Federation.Tests.Substitutes.Zipkin;

/// <summary>Only the published package's public API is used: these hold for the package and for its substitute.</summary>
public sealed class ZipkinExporterTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private readonly string sourceName = "zipkin-test-" + Guid.NewGuid();
    private readonly ActivitySource source;
    private ZipkinCollector collector = null!;

    public ZipkinExporterTests() => source = new ActivitySource(sourceName, "1.2.3");

    public async Task InitializeAsync() => collector = await ZipkinCollector.StartAsync();

    public async Task DisposeAsync() => await collector.DisposeAsync();

    public void Dispose() => source.Dispose();

    [Fact]
    public void A_span_carries_its_ids_its_kind_its_times_and_its_place()
    {
        var span = Export(() =>
        {
            using var parent = source.StartActivity("Outer");
            using var child = source.StartActivity("GET Thing", ActivityKind.Client);
            child!.SetStartTime(DateTime.UnixEpoch.AddSeconds(1_800_000_000));
            child.SetEndTime(child.StartTimeUtc.AddTicks(3));
        }).Single(s => s.Kind == "CLIENT");

        Assert.Equal(32, span.TraceId.Length);
        Assert.Equal(collector.Spans.Single(s => s.Name == "outer").Id, span.ParentId);
        Assert.Equal("get thing", span.Name);
        Assert.Equal(1_800_000_000_000_000, span.Json.GetProperty("timestamp").GetInt64());
        Assert.Equal(1, span.Json.GetProperty("duration").GetInt64());
        Assert.Equal("athens", span.Json.GetProperty("localEndpoint").GetProperty("serviceName").GetString());
        Assert.Equal(sourceName, span.Tags["otel.scope.name"]);
        Assert.Equal("1.2.3", span.Tags["otel.scope.version"]);
        Assert.Equal("node-1", span.Tags["service.instance.id"]);
    }

    [Theory]
    [InlineData(ActivityKind.Server, "SERVER")]
    [InlineData(ActivityKind.Client, "CLIENT")]
    [InlineData(ActivityKind.Producer, "PRODUCER")]
    [InlineData(ActivityKind.Consumer, "CONSUMER")]
    [InlineData(ActivityKind.Internal, null)]
    public void Kinds_are_named_as_Zipkin_names_them(ActivityKind kind, string? expected) =>
        Assert.Equal(expected, Export(() => source.StartActivity("a", kind)!.Dispose()).Single().Kind);

    [Fact]
    public void A_root_has_no_parent() =>
        Assert.Null(Export(() => source.StartActivity("root")!.Dispose()).Single().ParentId);

    [Fact]
    public void Values_become_texts_of_the_invariant_form()
    {
        var tags = Export(() =>
        {
            using var activity = source.StartActivity("a")!;
            activity.SetTag("int", 7).SetTag("double", 1.5).SetTag("bool", true).SetTag("none", null);
            activity.SetTag("texts", new[] { "a", "b\"c" }).SetTag("numbers", new long[] { 1, 2 });
            activity.AddTag("twice", "first").AddTag("twice", "last");
        }).Single().Tags;

        Assert.Equal(("7", "1.5", "true"), (tags["int"], tags["double"], tags["bool"]));
        Assert.Equal(("""["a","b\"c"]""", "[1,2]"), (tags["texts"], tags["numbers"]));
        Assert.Equal("last", tags["twice"]);
        Assert.DoesNotContain("none", tags);
    }

    [Fact]
    public void Only_a_failed_span_has_an_error_tag()
    {
        var spans = Export(() =>
        {
            source.StartActivity("failed")!.SetStatus(ActivityStatusCode.Error, "no such module").Dispose();
            source.StartActivity("silent")!.SetStatus(ActivityStatusCode.Error).Dispose();
            source.StartActivity("fine")!.SetStatus(ActivityStatusCode.Ok).SetTag("error", false).Dispose();
            source.StartActivity("unset")!.SetTag("error", "false").Dispose();
        }).ToDictionary(span => span.Name, span => span.Tags);

        Assert.Equal(("ERROR", "no such module"), (spans["failed"]["otel.status_code"], spans["failed"]["error"]));
        Assert.Equal(("ERROR", ""), (spans["silent"]["otel.status_code"], spans["silent"]["error"]));
        Assert.Equal("OK", spans["fine"]["otel.status_code"]);
        Assert.DoesNotContain("error", spans["fine"]);
        Assert.DoesNotContain("otel.status_code", spans["unset"]);
        Assert.DoesNotContain("error", spans["unset"]);
    }

    [Theory]
    [InlineData("server.address=Example.ORG;peer.address=other", """{"serviceName":"example.org"}""")]
    [InlineData("peer.service=store;server.address=example.org", """{"serviceName":"store"}""")]
    [InlineData(
        "network.peer.address=192.0.2.7;network.peer.port=3443",
        """{"serviceName":"192.0.2.7","ipv4":"192.0.2.7","port":3443}""")]
    [InlineData("network.peer.address=2001:db8::1", """{"serviceName":"2001:db8::1","ipv6":"2001:db8::1"}""")]
    [InlineData(
        "network.peer.address=::ffff:192.0.2.7;network.peer.port=70000",
        """{"serviceName":"::ffff:192.0.2.7","ipv4":"192.0.2.7"}""")]
    [InlineData("db.name=athens.db", """{"serviceName":"athens.db"}""")]
    public void The_best_known_name_of_the_other_side_is_its_endpoint(string tags, string expected)
    {
        var span = Export(() =>
        {
            using var activity = source.StartActivity("call", ActivityKind.Client)!;
            foreach (var tag in tags.Split(';'))
            {
                activity.SetTag(tag[..tag.IndexOf('=')], tag[(tag.IndexOf('=') + 1)..]);
            }
        }).Single();

        Assert.Equal(expected, span.Json.GetProperty("remoteEndpoint").GetRawText());
    }

    [Fact]
    public void Events_become_annotations()
    {
        var span = Export(() =>
        {
            using var activity = source.StartActivity("a")!;
            activity.AddEvent(new ActivityEvent("plain"));
            activity.AddEvent(new ActivityEvent("told", tags: new() { ["why"] = "a \"reason\"", ["times"] = 2 }));
        }).Single();

        Assert.Equal(
            ["plain", "\"told\": {\"why\":\"a \\\"reason\\\"\",\"times\":2}"],
            span.Json.GetProperty("annotations").EnumerateArray().Select(a => a.GetProperty("value").GetString()));
    }

    [Fact]
    public void Hostile_names_and_values_arrive_as_they_were()
    {
        string[] hostile =
        [
            "\"},{\"traceId\":\"0\"", "line\r\nbreak", "\0\u001b[2J", "\u202Egpj.exe", "</script>", new string('x', 100_000),
            "emoji 🧪", "\\u0022", "",
        ];
        var tags = Export(() =>
        {
            using var activity = source.StartActivity("\"\n\0")!;
            for (var i = 0; i < hostile.Length; i++)
            {
                activity.SetTag($"h{i}", hostile[i]);
            }

            activity.SetTag("lone", "a\uD800b").SetTag("key\"\n", "v").SetTag("", "no name");
        }).Single().Tags;

        Assert.All(hostile.Index(), item => Assert.Equal(item.Item, tags[$"h{item.Index}"]));
        Assert.Equal("a\uFFFDb", tags["lone"]);
        Assert.Equal("v", tags["key\"\n"]);
    }

    [Fact]
    public void Short_trace_ids_are_the_lower_half()
    {
        var full = "";
        var span = Export(
            () =>
            {
                using var activity = source.StartActivity("a")!;
                full = activity.TraceId.ToHexString();
            },
            options => options.UseShortTraceIds = true).Single();

        Assert.Equal(full[16..], span.TraceId);
    }

    [Fact]
    public void A_batch_is_cut_into_requests_of_the_size_asked_for()
    {
        var spans = Export(
            () =>
            {
                for (var i = 0; i < 100; i++)
                {
                    source.StartActivity($"a{i}")!.SetTag("filling", new string('f', 500)).Dispose();
                }
            },
            options => options.MaxPayloadSizeInBytes = 10_000);

        Assert.Equal(100, spans.Select(span => span.Name).Distinct().Count());
        Assert.InRange(collector.Requests, 7, 20);
    }

    [Fact]
    public void The_export_itself_is_no_span()
    {
        var spans = Export(() => source.StartActivity("a")!.Dispose(), alsoHttp: true);
        Assert.Equal(["a"], spans.Select(span => span.Name));
    }

    [Theory]
    [InlineData((int)CollectorMode.Failing)]
    [InlineData((int)CollectorMode.Broken)]
    public void A_collector_that_cannot_take_spans_makes_the_export_fail_and_nothing_more(int mode)
    {
        collector.Mode = (CollectorMode)mode;
        Export(() => source.StartActivity("a")!.Dispose());
        Assert.Empty(collector.Spans);

        using var exporter = new ZipkinExporter(new ZipkinExporterOptions { Endpoint = collector.Endpoint });
        using var activity = new Activity("a").Start();
        activity.Stop();
        Assert.Equal(ExportResult.Failure, exporter.Export(new Batch<Activity>([activity], 1)));
    }

    private IReadOnlyList<ZipkinSpan> Export(
        Action record,
        Action<ZipkinExporterOptions>? configure = null,
        bool alsoHttp = false)
    {
        // No activity of the test's own surroundings becomes the parent.
        Activity.Current = null;
        var builder = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(ResourceBuilder.CreateEmpty().AddService("Athens", serviceInstanceId: "node-1"))
            .SetSampler(new AlwaysOnSampler())
            .AddSource(sourceName);
        if (alsoHttp)
        {
            builder.AddSource("System.Net.Http");
        }

        builder.AddZipkinExporter(options =>
        {
            options.Endpoint = collector.Endpoint;
            configure?.Invoke(options);
        });
        using (var provider = builder.Build())
        {
            record();
            provider.ForceFlush((int)Limit.TotalMilliseconds);
        }

        Assert.Empty(collector.Problems);
        return collector.Spans;
    }
}
