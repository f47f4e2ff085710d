using System.Net;
using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Tests.Federation.Serving;
using Athens.Federation.Tests.Integration;
using Athens.Federation.Tests.Storage;
using Athens.Federation.Tests.Support;
using Grpc.Core;
using File = Athens.Federation.V1.FetchRequest.Types.File;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Interop;

/// <summary>Calls of other gRPC libraries to the node that end before their time, seen from both sides.</summary>
public abstract class ForeignPeerBreakTests(string library)
{
    private const int Fill = 2 << 20;

    /// <summary>Slow enough that a file is under way for as long as a test needs.</summary>
    private static readonly FederationOptions Slow = new() { Egress = 128 << 10, PeerStreams = 1 };

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly PeerOrder Hello = new("WhoAreYou", new Wire.WhoAreYouRequest());

    [ForeignGrpcFact]
    public async Task A_deadline_ends_a_call_on_both_sides()
    {
        await using CalledNode node = await CalledNode.StartAsync(library);
        ModuleVersion wanted = ForeignPeerClientTests.Name("example.com/wanted");
        using FlightBoard.Entry flight = node.Rig.Flights.Begin(wanted);
        PeerOutcome late = await (await ConnectAsync(node)).CallAsync(ForeignPeerClientTests.Wait(wanted) with { Deadline = 500 });
        Assert.Equal(StatusCode.DeadlineExceeded, late.Code);
        Assert.InRange(late.Seconds, 0.4, 10);
        await CancelledAsync(node);
        Assert.Empty(node.Complaints);
    }

    [ForeignGrpcFact]
    public async Task A_deadline_ends_a_stream_on_both_sides()
    {
        await using CalledNode node = await CalledNode.StartAsync(library, Slow);
        PeerOutcome late = await (await ConnectAsync(node)).CallAsync(await FileAsync(node) with { Deadline = 700 });
        Assert.Equal(StatusCode.DeadlineExceeded, late.Code);
        await CancelledAsync(node);
        Assert.Empty(node.Complaints);
    }

    [ForeignGrpcFact]
    public async Task A_cancelled_call_is_cancelled_at_the_node_and_its_place_is_free()
    {
        await using CalledNode node = await CalledNode.StartAsync(library, Slow);
        ModuleVersion wanted = ForeignPeerClientTests.Name("example.com/wanted");
        using FlightBoard.Entry flight = node.Rig.Flights.Begin(wanted);
        ForeignPeerClient client = node.Client();
        PeerCall waiting = client.Begin(ForeignPeerClientTests.Wait(wanted));
        Assert.True(await node.Store.Asked.WaitAsync(Patience));
        client.Cancel(waiting);
        Assert.Equal(StatusCode.Cancelled, (await waiting.Outcome).Code);
        await CancelledAsync(node);

        PeerOutcome left = await client.CallAsync(await FileAsync(node) with { CancelAfter = 3 });
        Assert.Equal(StatusCode.Cancelled, left.Code);
        await CancelledAsync(node);
        await AnsweredAgainAsync(client);
        Assert.Empty(node.Complaints);
    }

    [ForeignGrpcFact]
    public async Task A_client_that_is_killed_in_the_middle_of_a_file_leaves_nothing_behind()
    {
        await using CalledNode node = await CalledNode.StartAsync(library, Slow);
        ForeignPeerClient killed = node.Client();
        PeerCall file = killed.Begin(await FileAsync(node) with { TellEvery = 1 });
        await file.Told.ReadAsync();
        killed.Kill();
        await CancelledAsync(node);
        await AnsweredAgainAsync(node.Client());
        Assert.Empty(node.Complaints);
    }

    [ForeignGrpcFact]
    public async Task A_connection_that_is_reset_in_the_middle_of_a_file_is_unavailable()
    {
        await using CalledNode node = await CalledNode.StartAsync(library, Slow);
        await using CountingRelay relay = new(node.Rig.Address);
        ForeignPeerClient client = node.Client(node.Peer, IPEndPoint.Parse(relay.Address));
        PeerCall file = client.Begin(await FileAsync(node) with { TellEvery = 1 });
        await file.Told.ReadAsync();
        relay.Reset();
        Assert.Equal(StatusCode.Unavailable, (await file.Outcome).Code);
        await CancelledAsync(node);
        await AnsweredAgainAsync(client);
        Assert.Empty(node.Complaints);
    }

    [ForeignGrpcFact]
    public async Task A_node_that_goes_down_finishes_what_is_under_way_and_takes_nothing_more()
    {
        await using CalledNode node = await CalledNode.StartAsync(library, new FederationOptions { Egress = 3 << 20 });
        ForeignPeerClient client = node.Client();
        PeerCall file = client.Begin(await FileAsync(node) with { TellEvery = 1 });
        await file.Told.ReadAsync();
        Task stopping = node.Rig.StopListeningAsync();
        PeerOutcome whole = await file.Outcome;
        Assert.Equal((StatusCode.OK, $"{whole.Bytes}"), (whole.Code, whole.Size));
        await stopping;
        Assert.Equal(StatusCode.Unavailable, (await client.CallAsync(Hello)).Code);
    }

    [ForeignGrpcFact]
    public async Task A_peer_that_is_removed_loses_its_connection_at_once_and_gets_no_other()
    {
        await using CalledNode node = await CalledNode.StartAsync(library, Slow);
        ForeignPeerClient client = node.Client();
        PeerCall file = client.Begin(await FileAsync(node) with { TellEvery = 1 });
        await file.Told.ReadAsync();
        node.Rig.Peers.Set(PeerOrigin.Configuration, []);
        Assert.Equal(StatusCode.Unavailable, (await file.Outcome).Code);
        await CancelledAsync(node);
        Assert.Equal(StatusCode.Unavailable, (await client.CallAsync(Hello)).Code);
    }

    [ForeignGrpcFact]
    public async Task Whoever_is_no_peer_is_not_let_in()
    {
        await using CalledNode node = await CalledNode.StartAsync(library);
        using Identity stranger = new("stranger");
        Assert.Equal(StatusCode.Unavailable, (await node.Client(stranger, node.Rig.Address).CallAsync(Hello)).Code);
        Assert.Contains(node.Refused, line => line.Contains(stranger.Key.ToString(), StringComparison.Ordinal));
        Assert.Equal(StatusCode.Unavailable, (await node.Client("anonymous").CallAsync(Hello)).Code);
        Assert.Equal(StatusCode.OK, (await node.Client().CallAsync(Hello)).Code);
    }

    /// <summary>A client that need not connect any more: a short deadline is all for the call.</summary>
    private static async Task<ForeignPeerClient> ConnectAsync(CalledNode node)
    {
        ForeignPeerClient client = node.Client();
        await AnsweredAgainAsync(client);
        return client;
    }

    private static async Task<PeerOrder> FileAsync(CalledNode node)
    {
        SampleModule module = await node.Rig.HoldAsync(fill: Fill);
        return new PeerOrder("Fetch", PeerClient.Request(module.Module, File.Zip));
    }

    private static async Task CancelledAsync(CalledNode node) => Assert.True(await node.Store.Cancelled.WaitAsync(Patience));

    /// <summary>The only call that the node allows is over, and a moment after it saw its end there is room for another.</summary>
    private static async Task AnsweredAgainAsync(ForeignPeerClient client)
    {
        using CancellationTokenSource patience = new(Patience);
        PeerOutcome outcome;
        do
        {
            patience.Token.ThrowIfCancellationRequested();
            outcome = await client.CallAsync(Hello);
        }
        while (outcome.Code is StatusCode.ResourceExhausted or StatusCode.Unavailable);
        Assert.Equal((StatusCode.OK, ""), (outcome.Code, outcome.Words));
    }
}

/// <inheritdoc />
public sealed class GrpcJsPeerBreakTests() : ForeignPeerBreakTests("grpc-js");

/// <inheritdoc />
public sealed class GrpcioPeerBreakTests() : ForeignPeerBreakTests("grpcio");
