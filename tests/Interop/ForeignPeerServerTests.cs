using System.Net;
using Athens.Federation.Tests.Integration;
using Athens.Federation.Tests.Support;
using Grpc.Core;
using State = Athens.Federation.V1.Location.Types.State;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Interop;

/// <summary>The node's client against peers that other gRPC libraries serve, over mutual TLS with the keys of nodes.</summary>
public abstract class ForeignPeerServerTests(string library) : IAsyncLifetime
{
    private const int ContentSize = 20 << 20;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);
    private ServingPeer peer = null!;
    private Wire.PeerService.PeerServiceClient client = null!;

    public async Task InitializeAsync()
    {
        peer = await ServingPeer.StartAsync(library, ContentSize);
        client = peer.Client;
    }

    public Task DisposeAsync()
    {
        peer.Dispose();
        return Task.CompletedTask;
    }

    [ForeignGrpcFact]
    public async Task Who_are_you_is_answered()
    {
        Wire.WhoAreYouResponse answer = await client.WhoAreYouAsync(new Wire.WhoAreYouRequest { Software = "athens", Name = "büro" });
        Assert.Equal(($"{library} for athens", "büro ☃", ulong.MaxValue), (answer.Software, answer.Name, answer.Held));
        Assert.Equal([.. Enumerable.Repeat((byte)0xff, 32)], answer.WitnessKey.ToByteArray());
        Assert.Equal("a note\n", Assert.Single(answer.Heads).Note.ToStringUtf8());
    }

    [ForeignGrpcFact]
    public async Task Locate_is_answered_with_the_largest_values_and_with_states_not_known_yet()
    {
        Wire.LocateRequest request = new();
        foreach (string path in new[] { "a.example/held", "a.example/fetching", "a.example/future", "a.example/none" })
        {
            request.Modules.Add(new Wire.ModuleVersion { Path = path, Version = "v1.0.0" });
        }

        Wire.LocateResponse answer = await client.LocateAsync(request);
        Assert.Equal([State.Held, State.Fetching, (State)77, State.Absent], answer.Locations.Select(location => location.State));
        Wire.Location held = answer.Locations[0];
        Assert.Equal((500UL << 20, 16_000, uint.MaxValue, 1u), (held.ZipSize, held.Chunks.Length, held.InfoSize, held.ModSize));
        Assert.Equal(ulong.MaxValue, answer.Locations[1].Rank);
    }

    [ForeignGrpcFact]
    public async Task Versions_and_resolve_are_answered()
    {
        Wire.VersionsResponse versions = await client.VersionsAsync(new Wire.VersionsRequest { Path = "a.example/few" });
        Assert.Equal(["v1.0.0-pre", "v1.1.0-pre", "v1.2.0-pre"], versions.Versions);
        Wire.ResolveResponse resolved = await client.ResolveAsync(new Wire.ResolveRequest { Path = "a.example/few", Query = "latest" });
        Assert.Equal(("v1.2.3", "{}"), (resolved.Version, resolved.Info.ToStringUtf8()));
    }

    [ForeignGrpcFact]
    public async Task A_part_of_a_file_is_that_part()
    {
        Wire.FetchRequest request = ServingPeer.Request("a.example/zip");
        (request.Offset, request.Length) = (1_234_567, 1 << 20);
        using var call = client.Fetch(request);
        List<byte> part = [];
        await foreach (Wire.FetchFrame frame in call.ResponseStream.ReadAllAsync())
        {
            part.AddRange(frame.Data);
        }

        Assert.Equal(peer.Content[1_234_567..(1_234_567 + (1 << 20))], part);
    }

    [ForeignGrpcFact]
    public async Task A_deadline_ends_a_call_on_both_sides()
    {
        await client.WhoAreYouAsync(new Wire.WhoAreYouRequest()); // connected: a short deadline is all for the call
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await client.LocateAsync(
            new Wire.LocateRequest { WaitMs = 30_000 }, deadline: DateTime.UtcNow.AddMilliseconds(300)));
        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
        Assert.Equal("cancelled", await peer.Program.NextLineAsync());
    }

    [ForeignGrpcFact]
    public async Task A_deadline_ends_a_stream_on_both_sides()
    {
        await client.WhoAreYouAsync(new Wire.WhoAreYouRequest());
        using var call = client.Fetch(ServingPeer.Request("a.example/endless"), deadline: DateTime.UtcNow.AddMilliseconds(500));
        var failure = await Assert.ThrowsAsync<RpcException>(() => ReadAsync(call));
        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
        Assert.Equal("cancelled", await peer.Program.NextLineAsync());
    }

    [ForeignGrpcTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_left_in_the_middle_is_cancelled_at_the_peer(bool byToken)
    {
        using CancellationTokenSource cancel = new();
        using var call = client.Fetch(ServingPeer.Request("a.example/endless"), cancellationToken: cancel.Token);
        for (int i = 0; i < 10; i++)
        {
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        }

        if (byToken)
        {
            await cancel.CancelAsync();
        }
        else
        {
            call.Dispose();
        }

        Assert.Equal("cancelled", await peer.Program.NextLineAsync());
        var failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(StatusCode.Cancelled, failure.StatusCode);
        Assert.Equal("v1.2.3", (await client.ResolveAsync(new Wire.ResolveRequest { Query = "latest" })).Version);
    }

    [ForeignGrpcFact]
    public async Task A_refusal_arrives_with_its_words_and_when_to_come_back()
    {
        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
            await client.ResolveAsync(new Wire.ResolveRequest { Path = "a.example/few", Query = "日本語" }));
        Assert.Equal((StatusCode.ResourceExhausted, "genug für heute: 日本語"), (failure.StatusCode, failure.Status.Detail));
        Assert.Equal("1500", failure.Trailers.GetValue("grpc-retry-pushback-ms"));
    }

    [ForeignGrpcFact]
    public async Task An_answer_above_the_limit_is_not_taken()
    {
        Wire.VersionsRequest request = new() { Path = "a.example/many" };
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await client.VersionsAsync(request));
        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);

        var larger = peer.Connect(peer.Node, peer.Peer.Key, limit: 16 << 20);
        Assert.Equal(100_000, (await larger.VersionsAsync(request)).Versions.Count);

        using var fat = client.Fetch(ServingPeer.Request("a.example/fat"));
        failure = await Assert.ThrowsAsync<RpcException>(() => fat.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
    }

    [ForeignGrpcFact]
    public async Task A_request_above_the_peers_limit_is_refused_by_it()
    {
        Wire.WhoAreYouRequest large = new() { Name = new string('x', 5 << 20) };
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await client.WhoAreYouAsync(large));
        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
    }

    [ForeignGrpcFact]
    public async Task A_peer_that_dies_in_the_middle_of_a_file_is_unavailable()
    {
        using var call = client.Fetch(ServingPeer.Request("a.example/dies"));
        var failure = await Assert.ThrowsAsync<RpcException>(() => ReadAsync(call));
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
        failure = await Assert.ThrowsAsync<RpcException>(async () => await client.WhoAreYouAsync(new Wire.WhoAreYouRequest()));
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
    }

    [ForeignGrpcFact]
    public async Task A_connection_that_is_reset_in_the_middle_of_a_file_is_unavailable_and_the_next_call_makes_another()
    {
        await using CountingRelay relay = new(IPEndPoint.Parse(peer.Address));
        var other = peer.Connect(peer.Node, peer.Peer.Key, relay.Address);
        using var call = other.Fetch(ServingPeer.Request("a.example/endless"));
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        relay.Reset();
        var failure = await Assert.ThrowsAsync<RpcException>(() => ReadAsync(call));
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);

        // Node.js itself misses one reset of a busy connection in fifty, with its own client too, until a ping goes unanswered.
        if (library == "grpcio")
        {
            Assert.Equal("cancelled", await peer.Program.NextLineAsync());
        }

        Assert.Equal("v1.2.3", (await other.ResolveAsync(new Wire.ResolveRequest { Query = "latest" })).Version);
    }

    [ForeignGrpcFact]
    public async Task A_peer_that_goes_down_finishes_what_is_under_way_and_is_unavailable_then()
    {
        using var call = client.Fetch(ServingPeer.Request("a.example/zip"));
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        long first = call.ResponseStream.Current.Data.Length;
        peer.Program.Say("stop");
        Assert.Equal(ContentSize, first + await ReadAsync(call));
        Assert.Equal("stopped", await peer.Program.NextLineAsync());
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await client.WhoAreYouAsync(new Wire.WhoAreYouRequest()));
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
    }

    [ForeignGrpcFact]
    public async Task A_method_that_an_older_peer_lacks_is_unimplemented()
    {
        var old = await peer.StartOlderAsync();
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await old.ResolveAsync(new Wire.ResolveRequest { Query = "latest" }));
        Assert.Equal(StatusCode.Unimplemented, failure.StatusCode);
        Assert.Equal(3, (await old.VersionsAsync(new Wire.VersionsRequest())).Versions.Count);
    }

    [ForeignGrpcFact]
    public async Task A_peer_with_another_key_than_the_pinned_one_is_not_believed()
    {
        List<string> reasons = [];
        using Identity stranger = new("stranger");
        var pinned = peer.Connect(peer.Node, stranger.Key, refused: (_, reason) => reasons.Add(reason));
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await pinned.WhoAreYouAsync(new Wire.WhoAreYouRequest()));
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
        Assert.Contains(peer.Peer.Key.ToString(), Assert.Single(reasons), StringComparison.Ordinal);
    }

    [ForeignGrpcFact]
    public async Task A_peer_that_does_not_know_this_node_is_unavailable()
    {
        using Identity stranger = new("stranger");
        var unknown = peer.Connect(stranger, peer.Peer.Key);
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await unknown.WhoAreYouAsync(new Wire.WhoAreYouRequest()));
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
    }

    /// <summary>Reads to the end; the bytes that came.</summary>
    private static async Task<long> ReadAsync(AsyncServerStreamingCall<Wire.FetchFrame> call)
    {
        long received = 0;
        while (await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Soon))
        {
            received += call.ResponseStream.Current.Data.Length;
        }

        return received;
    }
}

/// <inheritdoc />
public sealed class GrpcJsPeerServerTests() : ForeignPeerServerTests("grpc-js");

/// <inheritdoc />
public sealed class GrpcioPeerServerTests() : ForeignPeerServerTests("grpcio");
