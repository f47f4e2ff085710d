using System.Collections.Concurrent;
using System.Diagnostics;
using Athens.Federation.Node.Telemetry;
using Athens.Federation.Node.Upstream;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Upstream;

public sealed class TraceTests
{
    [Fact]
    public async Task Each_child_is_one_span_of_its_callers_trace()
    {
        ConcurrentQueue<Activity> ended = new();
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name == Tracing.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using LyingGo go = LyingGo.Fails("go: example.org/m@v1.0.0: unknown revision v1.0.0");
        using UpstreamRoom room = new(new UpstreamOptions { Go = go.Path });
        using Activity request = new Activity("request").Start();
        await room.FetchAsync("example.org/m", "v1.0.0");
        await room.Source.VersionsAsync("example.org/m", CancellationToken.None);
        Activity[] spans = [.. ended.Where(span => span.TraceId == request.TraceId)];
        Assert.Equal(["go mod download", "go list -versions"], spans.Select(span => span.OperationName));
        Assert.All(spans, span => Assert.Equal(request.SpanId, span.ParentSpanId));
        Assert.Equal("example.org/m", spans[0].GetTagItem("athens.module"));
        Assert.Equal("v1.0.0", spans[0].GetTagItem("athens.version"));
        Assert.Equal(1, spans[0].GetTagItem("process.exit_code"));
        Assert.Equal("Absent", spans[0].GetTagItem("athens.outcome"));
        Assert.IsType<long>(spans[0].GetTagItem("athens.queued_ms"));
    }

    [Fact]
    public async Task A_command_that_does_not_answer_is_not_asked_at_every_fetch()
    {
        using LyingGo go = LyingGo.Honest();
        await File.WriteAllTextAsync(go.Path, "#!/bin/sh\necho x >> \"$(dirname \"$0\")/asked\"; exit 1\n");
        using UpstreamRoom room = new(new UpstreamOptions { Go = go.Path });
        Assert.Contains("GOVERSION", await room.Command.CheckAsync(CancellationToken.None), StringComparison.Ordinal);
        Assert.Empty(await room.Command.VersionAsync(CancellationToken.None));
        Assert.Single(await File.ReadAllLinesAsync(Path.Combine(go.Folder, "asked")));
    }
}
