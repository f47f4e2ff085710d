using System.Collections.Concurrent;
using System.Diagnostics;
using Athens.Federation.Node.Telemetry;
using Athens.Federation.Tests.Storage;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Serving;

public sealed class TraceTests
{
    [Fact]
    public async Task The_callers_trace_goes_on_to_this_nodes_store()
    {
        await using ServingRig rig = await ServingRig.StartAsync();
        PeerClient client = rig.AddClient();
        SampleModule module = await rig.HoldAsync();
        ConcurrentQueue<Activity> ended = new();
        using ActivityListener listener = new()
        {
            ShouldListenTo = static source => source.Name is Tracing.SourceName or "Microsoft.AspNetCore" or nameof(TraceTests),
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using ActivitySource source = new(nameof(TraceTests));
        ActivityTraceId trace;
        using (Activity caller = source.StartActivity("caller")!)
        {
            trace = caller.TraceId;
            await client.FetchAsync(PeerClient.Request(module.Module, Wire.FetchRequest.Types.File.Zip));
            await Assert.ThrowsAsync<RpcException>(() => client.ResolveAsync("example.com/other", "latest"));
        }

        // The node's spans end a moment after the answer.
        Activity[] spans = [];
        Assert.True(SpinWait.SpinUntil(
            () => (spans = [.. ended.Where(span => span.TraceId == trace)]).Count(static span => span.Kind == ActivityKind.Server) == 2,
            TimeSpan.FromSeconds(20)));
        Activity fetch = Assert.Single(spans, static span => span.DisplayName == "athens.federation.v1.PeerService/Fetch");
        Activity store = Assert.Single(spans, static span => span.DisplayName == "store");
        Assert.Equal(fetch.SpanId, store.ParentSpanId);
        Assert.Equal("grpc", fetch.GetTagItem("rpc.system"));
        Assert.Equal(0, fetch.GetTagItem("rpc.grpc.status_code"));
        Activity resolve = Assert.Single(spans, static span => span.DisplayName == "athens.federation.v1.PeerService/Resolve");
        Assert.Equal(5, resolve.GetTagItem("rpc.grpc.status_code"));
        Assert.Equal(ActivityStatusCode.Unset, resolve.Status);
    }
}
