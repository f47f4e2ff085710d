using Athens.Federation.Tests.Support;
using Athens.Federation.Tests.Telemetry;

namespace Athens.Federation.Tests.Integration;

/// <summary>The trace of a request through a running node, as a Zipkin receives it.</summary>
public sealed class TraceTests : IDisposable
{
    private static readonly TimeSpan ExportLimit = TimeSpan.FromSeconds(30);

    private readonly NodeFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_cold_request_is_one_tree_from_the_request_to_the_child_process()
    {
        await using var zipkin = await ZipkinCollector.StartAsync();
        folder.Sections = $"[telemetry]\nzipkin = \"{zipkin.Endpoint}\"\n";
        await using var node = await folder.StartAsync(await GoRepositories.SharedAsync());
        (await node.Client.GetAsync("/github.com/pkg/errors/@v/v0.9.1.info")).EnsureSuccessStatusCode();

        var spans = await zipkin.WaitForSpansAsync(received => received.Any(span => span.Kind == "SERVER"), ExportLimit);
        Assert.Empty(zipkin.Problems);
        var request = Assert.Single(spans, span => span.Kind == "SERVER");
        var trace = spans.Where(span => span.TraceId == request.TraceId).ToList();
        var child = Assert.Single(trace, span => span.Name == "go mod download");
        var way = new List<string>();
        for (var span = child; span is not null; span = trace.SingleOrDefault(parent => parent.Id == span.ParentId))
        {
            way.Add(span.Name);
        }

        Assert.Contains("retrieval", way);
        Assert.Equal(request.Name, way[^1]);
        Assert.Equal("github.com/pkg/errors", request.Tags["athens.module"]);
        Assert.Equal("0", child.Tags["process.exit_code"]);
    }

    [Fact]
    public async Task A_collector_that_is_down_costs_one_line_and_no_request()
    {
        var (endpoint, held) = ZipkinCollector.Down();
        using (held)
        {
            folder.Sections = $"[telemetry]\nzipkin = \"{endpoint}\"\nlog_requests = false\n";
            folder.Upstream["goproxy"] = "\"off\"";
            await using var node = await folder.StartAsync();
            for (var i = 0; i < 2000; i++)
            {
                using var answer = await node.Client.GetAsync("/robots.txt");
                answer.EnsureSuccessStatusCode();
            }

            Assert.Equal(0, await node.StopAsync());
            Assert.Single(node.Output.Split('\n'), line => line.Contains(endpoint.Authority, StringComparison.Ordinal));
        }
    }
}
