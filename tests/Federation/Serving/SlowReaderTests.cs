using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Node.Modules;
using Athens.Federation.Tests.Retrieval;
using Athens.Federation.Tests.Storage;
using Athens.Federation.Tests.Substitutes.GrpcNetClient;
using Microsoft.Extensions.Logging;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Serving;

/// <summary>Peers that ask and do not read. Alone on the machine's memory, since that is what is measured.</summary>
[Collection(Name)]
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SlowReaderTests
{
    private const string Name = "slow readers";
    private const int Fill = 9 << 20;
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task A_reader_that_reads_nothing_is_ended_and_costs_little_until_then()
    {
        const int connections = 2;
        const int streams = connections * PeerServer.MaxStreams;
        ManualTime time = new();
        await using ServingRig rig = await ServingRig.StartAsync(time: time);
        PeerClient client = rig.AddClient();
        SampleModule module = await rig.HoldAsync(fill: Fill);
        await client.LocateAsync(module.Module);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        RawPeer[] raw = new RawPeer[connections];
        Task[] reset = new Task[connections];
        for (int i = 0; i < connections; i++)
        {
            raw[i] = await RawPeer.ConnectAsync(rig, client);
            HashSet<int> calls = [];
            for (int j = 0; j < PeerServer.MaxStreams; j++)
            {
                calls.Add(await raw[i].FetchAsync(module.Module));
            }

            reset[i] = AllResetAsync(raw[i], calls);
        }

        // 576 MB are asked for. Every stream is ended by its watchdog; until then their memory is looked at again and again.
        long most = 0;
        Task ended = Task.WhenAll(reset);
        while (!ended.IsCompleted)
        {
            most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: false) - before);
            time.Advance(Step);
            await client.UntilServedAsync(meanwhile: () => time.Advance(Step));
        }

        await ended;
        Array.ForEach(raw, static one => one.Dispose());
        Assert.InRange(most, 0, streams * (512 << 10));
        Assert.Equal(module.Zip, (await client.FetchAsync(PeerClient.Request(module.Module, Wire.FetchRequest.Types.File.Zip))).Bytes);
        Assert.DoesNotContain(rig.Log, static line => line.Level > LogLevel.Information);
    }

    [Fact]
    public async Task A_large_answer_that_is_not_taken_keeps_its_place_until_it_is_given_up()
    {
        ManualTime time = new();
        WatchedStore store = null!;
        FederationOptions options = new() { PeerStreams = 3 };
        await using ServingRig rig = await ServingRig.StartAsync(options, time, inner => store = new WatchedStore(inner));
        PeerClient client = rig.AddClient();
        SampleModule module = await rig.HoldAsync(fill: Fill);
        string tail = new('x', 200);
        store.Held = [.. Enumerable.Range(0, 2000).Select(i => module.Facts with { Module = ModuleVersion.Create(module.Module.Path, $"v1.0.{i}-{tail}", out _)! })];
        using RawPeer raw = await RawPeer.ConnectAsync(rig, client, window: 0);
        HashSet<int> calls =
        [
            await raw.AskAsync("Versions", new Wire.VersionsRequest { Path = module.Module.Path }),
            await raw.AskAsync("Versions", new Wire.VersionsRequest { Path = module.Module.Path }),
            await raw.FetchAsync(module.Module),
        ];

        // Their headers have come, so they were answered; the rest waits for a window.
        HashSet<int> answered = [];
        await raw.NextAsync(frame => frame.Type == RawFrame.Headers && answered.Add(frame.Stream) && answered.Count == calls.Count);
        Assert.Equal(Grpc.Core.StatusCode.ResourceExhausted, (await Assert.ThrowsAsync<Grpc.Core.RpcException>(client.HelloAsync)).StatusCode);
        Task ended = AllResetAsync(raw, calls);
        await client.UntilServedAsync(meanwhile: () => time.Advance(Step));
        while (!ended.IsCompleted)
        {
            time.Advance(Step);
            await client.UntilServedAsync(meanwhile: () => time.Advance(Step));
        }

        await ended;
    }

    [Fact]
    public async Task A_reader_that_is_slow_but_reads_is_served_to_the_end()
    {
        ManualTime time = new();
        await using ServingRig rig = await ServingRig.StartAsync(time: time);
        PeerClient client = rig.AddClient();
        SampleModule module = await rig.HoldAsync(fill: 2 << 20);
        using var call = client.Service.Fetch(PeerClient.Request(module.Module, Wire.FetchRequest.Types.File.Zip));
        MemoryStream bytes = new();
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
        {
            bytes.Write(call.ResponseStream.Current.Data.Span);
            time.Advance(FrameSender.FramePatience / 40);
        }

        Assert.Equal(module.Zip, bytes.ToArray());
    }

    private static async Task AllResetAsync(RawPeer raw, HashSet<int> calls)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        await raw.NextAsync(frame =>
        {
            Assert.False(frame.Type is RawFrame.Data && (frame.Flags & RawFrame.EndStream) != 0);
            Assert.False(frame.Type is RawFrame.Reset && frame.ResetCode == RawPeer.Refused);
            return frame.Type == RawFrame.Reset && calls.Remove(frame.Stream) && calls.Count == 0;
        }).WaitAsync(limit.Token);
    }
}
