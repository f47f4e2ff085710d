using Athens.Federation.Node.Retrieval;
using Athens.Federation.Tests.Storage;
using Athens.Federation.Tests.Substitutes.GrpcNetClient;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using File = Athens.Federation.V1.FetchRequest.Types.File;

namespace Athens.Federation.Tests.Federation.Serving;

public sealed class StopTests
{
    [Fact]
    public async Task Calls_under_way_end_and_everybody_is_told_to_go_elsewhere()
    {
        await using ServingRig rig = await ServingRig.StartAsync();
        PeerClient client = rig.AddClient();
        SampleModule module = await rig.HoldAsync(fill: 4 << 20);
        using RawPeer idle = await RawPeer.ConnectAsync(rig, client);
        int hello = await idle.AskAsync("WhoAreYou", new Athens.Federation.V1.WhoAreYouRequest());
        await idle.NextAsync(frame => frame.Stream == hello && (frame.Flags & RawFrame.EndStream) != 0);
        using OpenFetch fetch = await OpenFetch.BeginAsync(client, module);
        Task stopping = rig.StopListeningAsync();
        RawFrame away = await idle.NextAsync(static frame => frame.Type == RawFrame.GoAway);
        Assert.Equal([0, 0, 0, 0], away.Payload[4..8]);
        Assert.False(stopping.IsCompleted);
        Assert.Equal(module.Zip, await fetch.RestAsync());
        idle.Dispose();
        await stopping;
        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(client.HelloAsync)).StatusCode);
    }

    [Fact]
    public async Task A_node_that_stops_while_64_streams_flow_is_down_soon_and_no_stream_ends_short_and_well()
    {
        await using ServingRig rig = await ServingRig.StartAsync();
        SampleModule module = await rig.HoldAsync(fill: 2 << 20);
        PeerClient[] clients = [rig.AddClient("a"), rig.AddClient("b")];
        OpenFetch[] fetches = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => OpenFetch.BeginAsync(clients[i % 2], module)));

        // Half of them are read to their end, the others never.
        Task<byte[]>[] reading = [.. fetches.Take(32).Select(static fetch => fetch.RestAsync())];
        long begin = TimeProvider.System.GetTimestamp();
        await rig.StopListeningAsync();
        Assert.InRange(TimeProvider.System.GetElapsedTime(begin), TimeSpan.Zero, TimeSpan.FromSeconds(30));
        foreach (Task<byte[]> one in reading.Concat(fetches.Skip(32).Select(static fetch => fetch.RestAsync())))
        {
            try
            {
                Assert.Equal(module.Zip.Length, (await one).Length);
            }
            catch (RpcException cut)
            {
                Assert.NotEqual(StatusCode.OK, cut.StatusCode);
            }
        }

        Assert.DoesNotContain(rig.Log, static line => line.Level >= LogLevel.Error);
        Array.ForEach(fetches, static fetch => fetch.Dispose());
    }

    [Fact]
    public async Task Who_waits_for_a_fetch_holds_up_no_stop()
    {
        await using ServingRig rig = await ServingRig.StartAsync();
        PeerClient client = rig.AddClient();
        SampleModule module = SampleModule.Make();
        using FlightBoard.Entry flight = rig.Flights.Begin(module.Module);
        Task<Athens.Federation.V1.Location>[] waiting = [.. Enumerable.Range(0, 50).Select(_ => client.LocateAsync(module.Module, waitMs: 30_000))];
        await client.HelloAsync();
        long begin = TimeProvider.System.GetTimestamp();
        await rig.StopListeningAsync();
        Assert.InRange(TimeProvider.System.GetElapsedTime(begin), TimeSpan.Zero, TimeSpan.FromSeconds(4.5));
        await Task.WhenAll(waiting.Select(static one => one.ContinueWith(static _ => { }, TaskScheduler.Default)));
    }
}
