using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Tests.Isolation;

namespace Athens.Federation.Tests.Federation.Peers;

/// <summary>Addresses change, identities do not: a peer is found where others say that it is, and only the peer itself.</summary>
public sealed class HintTests
{
    [Fact]
    public async Task A_peer_without_an_address_is_dialled_as_soon_as_one_is_known()
    {
        await using TwinServer server = new();
        await server.StartAsync();
        await using Dialling node = new(Dialling.Options("", server.Key));
        Peer peer = node.Table.Peers[0];
        node.Table.Start();
        node.Hints.Give(server.Endpoint);
        await Dialling.UntilAsync(() => peer.IsAvailable, "not connected");
        Assert.Equal("127.0.0.1", peer.Link!.Address!.MapToIPv4().ToString());
        Assert.DoesNotContain(node.Log, line => line.Message.Contains("cannot be reached", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Whoever_else_answers_at_one_address_the_peer_is_found_at_the_next()
    {
        await using TwinServer server = new();
        await using TwinServer liar = new();
        await server.StartAsync();
        await liar.StartAsync();
        using DeadPort dead = new();
        await using Dialling node = new(Dialling.Options(liar.Endpoint, server.Key));
        Peer peer = node.Table.Peers[0];
        node.Hints.Give(dead.Address, liar.Endpoint, server.Endpoint);
        node.Table.Start();
        await Dialling.UntilAsync(() => peer.IsAvailable, "not connected");
        Assert.Contains(node.Log, line => line.Message.StartsWith("SECURITY", StringComparison.Ordinal) && line.Message.Contains(liar.Key.ToString(), StringComparison.Ordinal));
        Assert.Equal(0, liar.Connections);
    }
}
