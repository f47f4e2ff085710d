using System.Net;
using System.Net.Sockets;
using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Isolation;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Peers;

/// <summary>How peers are dialled, kept, lost and left: real sockets and TLS, waits shortened.</summary>
public sealed class ConnectionTests
{
    private static readonly ModuleVersion Module = ModuleVersion.Create("example.com/a", "v1.0.0", out _)!;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_peer_that_is_not_there_is_dialled_with_growing_delays_up_to_a_minute_and_said_once()
    {
        using DeadPort dead = new();
        await using Dialling node = new(Dialling.Options(dead.Address, Dialling.SomeKey()));
        node.Table.Start();
        await Dialling.UntilAsync(() => node.Time.Waits.Count >= 10, "it is not dialled again");
        TimeSpan expected = PeerConnection.FirstDelay;
        foreach (TimeSpan wait in node.Time.Waits.Take(10))
        {
            Assert.InRange(wait, expected * 0.79, expected * 1.21);
            expected = expected * 2 < PeerConnection.LongestDelay ? expected * 2 : PeerConnection.LongestDelay;
        }

        Assert.Equal(PeerConnection.LongestDelay, expected);
        Assert.Single(node.Log, line => line.Message.Contains("cannot be reached", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_peer_that_restarts_is_connected_again()
    {
        await using TwinServer server = new();
        await server.StartAsync();
        await using Dialling node = new(Dialling.Options(server.Endpoint, server.Key));
        Peer peer = node.Table.Peers[0];
        node.Table.Start();
        await Dialling.UntilAsync(() => peer.IsAvailable, "not connected");
        node.Time.Skip(PeerConnection.Steady);
        node.Time.Waits.Clear();

        await server.StopAsync();
        await Dialling.UntilAsync(() => peer.Link is null, "the loss was not noticed");
        Assert.Equal(PeerCallEnd.NotAsked, (await LocateAsync(node, peer)).End);
        await Dialling.UntilAsync(() => node.Time.Waits.Count > 2, "it is not dialled again");
        Assert.InRange(node.Time.Waits.First(), PeerConnection.FirstDelay * 0.79, PeerConnection.FirstDelay * 1.21);

        await server.StartAsync();
        await Dialling.UntilAsync(() => peer.Link is not null, "not connected again");
    }

    [Fact]
    public async Task A_call_under_way_to_a_peer_that_is_taken_out_ends_well_and_then_the_connection_is_closed()
    {
        await using TwinServer server = new();
        await server.StartAsync();
        await using Dialling node = new(Dialling.Options(server.Endpoint, server.Key));
        Peer peer = node.Table.Peers[0];
        node.Table.Start();
        await Dialling.UntilAsync(() => peer.IsAvailable, "not connected");
        Task<PeerAnswer<Wire.LocateResponse>> call = LocateAsync(node, peer);
        await server.Arrived.WaitAsync(Patience);

        node.List.Set(PeerOrigin.Configuration, []);
        Assert.Empty(node.Table.Peers);
        await Dialling.UntilAsync(() => peer.Link is null, "still asked");
        Assert.Equal(PeerCallEnd.NotAsked, (await LocateAsync(node, peer)).End);
        Assert.Equal((false, 1), (call.IsCompleted, server.Connections));

        server.Answer.SetResult();
        Assert.Equal(PeerCallEnd.Answered, (await call).End);
        await Dialling.UntilAsync(() => server.Connections == 0, "the connection stays");
    }

    [Fact]
    public async Task A_call_that_does_not_end_holds_the_connection_of_a_former_peer_for_two_minutes_and_no_stop_at_all()
    {
        await using TwinServer server = new();
        await server.StartAsync();
        await using Dialling node = new(Dialling.Options(server.Endpoint, server.Key));
        node.Table.Start();
        Peer peer = node.Table.Peers[0];
        await Dialling.UntilAsync(() => peer.IsAvailable, "not connected");
        Task<PeerAnswer<Wire.LocateResponse>> call = LocateAsync(node, peer);
        await server.Arrived.WaitAsync(Patience);
        node.List.Set(PeerOrigin.Configuration, []);
        await Dialling.UntilAsync(() => peer.Link is null, "still asked");
        Assert.False(call.IsCompleted);
        node.Time.Skip(PeerConnection.Drain);
        Assert.Equal(PeerCallEnd.Failed, (await call.WaitAsync(Patience)).End);
        await Dialling.UntilAsync(() => server.Connections == 0, "the connection stays");

        node.List.Set(PeerOrigin.Configuration, [Dialling.Options(server.Endpoint, server.Key)]);
        Peer again = node.Table.Peers[0];
        await Dialling.UntilAsync(() => again.IsAvailable, "not connected");
        call = LocateAsync(node, again);
        await server.Arrived.WaitAsync(Patience);
        await node.Table.DisposeAsync().AsTask().WaitAsync(Patience);
        Assert.Equal(PeerCallEnd.Failed, (await call.WaitAsync(Patience)).End);
    }

    [Fact]
    public async Task An_entry_with_the_nodes_own_key_is_left_out()
    {
        await using Dialling node = new();
        node.Table.Start();
        using DeadPort dead = new();
        node.List.Set(PeerOrigin.Configuration, [Dialling.Options(dead.Address, node.Own, "me"), Dialling.Options(dead.Address, Dialling.SomeKey(), "other")]);
        Assert.Equal("other", Assert.Single(node.Table.Peers).Options.Name);
        Assert.Contains(node.Log, line => line.Message.Contains("Peer me has this node's own key", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_peer_whose_log_key_changes_is_dialled_anew_and_believed_by_the_new_key()
    {
        await using TwinServer server = new();
        await server.StartAsync();
        await using Dialling node = new(Dialling.Options(server.Endpoint, server.Key));
        Peer peer = node.Table.Peers[0];
        node.Table.Start();
        await Dialling.UntilAsync(() => peer.IsAvailable, "not connected");
        string before = peer.Log!.ToString();
        server.Log = SigningKey.Create("twin");
        await Dialling.UntilAsync(() => peer.Log is { } log && log.ToString() != before, "the old key is still believed");
        Assert.Equal(server.Log.Verifier.ToString(), peer.Log!.ToString());
        Assert.Contains(node.Log, line => line.Message.Contains("its log changed from", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_attempt_to_connect_ends_within_half_a_second_and_no_call_waits_for_it(bool accepts)
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(16);
        using BlackHole? silent = accepts || BlackHole.Missing is not null ? null : new BlackHole();
        await using Dialling node = new(Dialling.Options(silent?.Address ?? listener.LocalEndPoint!.ToString()!, Dialling.SomeKey()));
        using PeerSession session = node.Dialer.Begin(node.Table.Peers[0], new PeerTarget(node.Table.Peers[0].Options.Endpoint, null));
        long start = TimeProvider.System.GetTimestamp();
        Task<string?> asking = session.AskAsync(CancellationToken.None);
        Assert.True(LocateAsync(node, node.Table.Peers[0]).IsCompletedSuccessfully);
        Assert.NotNull(await asking);
        // The bound of a whole WhoAreYou is two seconds: it was not that.
        Assert.InRange(TimeProvider.System.GetElapsedTime(start), HttpLine.ConnectLimit * 0.9, PeerSession.HelloLimit * 0.95);
    }

    [Fact]
    public async Task A_busy_peer_gets_more_connections_and_an_idle_one_has_one()
    {
        await using TwinServer server = new();
        await server.StartAsync();
        await using Dialling node = new(Dialling.Options(server.Endpoint, server.Key));
        Peer peer = node.Table.Peers[0];
        node.Table.Start();
        await Dialling.UntilAsync(() => peer.IsAvailable, "not connected");
        Assert.Equal(1, server.Connections);
        List<Task<PeerAnswer<Wire.LocateResponse>>> calls = [.. Enumerable.Range(0, Peer.MaxInFlight).Select(_ => LocateAsync(node, peer))];
        for (int i = 0; i < calls.Count; i++)
        {
            Assert.True(await server.Arrived.WaitAsync(Patience), $"only {i} calls arrived");
        }

        Assert.InRange(Peer.MaxInFlight, PeerServer.MaxStreams + 1, PeerServer.MaxStreams * HttpLine.MaxConnections);
        Assert.InRange(server.Connections, 2, HttpLine.MaxConnections);
        server.Answer.SetResult();
        Assert.All(await Task.WhenAll(calls), answer => Assert.Equal(PeerCallEnd.Answered, answer.End));
        Assert.Equal(0, peer.Failures);
    }

    private static Task<PeerAnswer<Wire.LocateResponse>> LocateAsync(Dialling node, Peer peer) =>
        node.Calls.LocateAsync(peer, HolderSearch.Question(Module), Patience, CancellationToken.None);
}
