using System.Net;
using Athens.Federation.Node.Discovery;
using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Neighbours;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Federation.Serving;
using Athens.Federation.Tests.Retrieval;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Neighbours;

/// <summary>Nodes that were found on the LAN and that nobody trusts, where the configuration lets them give bytes.</summary>
public sealed class StrangerTests
{
    [Fact]
    public async Task Who_has_proven_a_key_becomes_a_peer_that_is_not_believed_until_it_is_gone()
    {
        using var key = SigningKey.Create("stranger");
        Neighbour neighbour = new("athens-1", [IPEndPoint.Parse("192.0.2.7:3443")], key.PublicKey, "");
        SeenNeighbours seen = new(new ManualTime());
        PeerList peers = new([]);
        FoundPeers found = new(seen, peers);
        await found.StartAsync(CancellationToken.None);
        seen.Follow([neighbour]);
        Assert.Empty(peers.Current);
        seen.Tried(neighbour, null);
        Assert.Empty(peers.Current);
        seen.Tried(neighbour, neighbour.Endpoints[0]);
        var peer = Assert.Single(peers.Current);
        Assert.Equal((PeerOrigin.Found, PeerTrust.None, "", "192.0.2.7:3443"), (peer.Origin, peer.Trust, peer.Org, peer.Endpoint));
        seen.Follow([]);
        Assert.Empty(peers.Current);
        await found.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_stranger_is_given_modules_that_are_not_private_and_nothing_that_members_tell_one_another()
    {
        await using var rig = await ServingRig.StartAsync(new FederationOptions { Private = "corp.example/*", Org = "acme" });
        var open = await rig.HoldAsync();
        var secret = await rig.HoldAsync("corp.example/secret");
        var stranger = rig.AddClient(isPeer: false);
        rig.Peers.Set(PeerOrigin.Found, [new PeerOptions("athens-1", "192.0.2.7:3443", stranger.Key, "", PeerTrust.None)]);
        Assert.Equal(open.Zip, (await stranger.FetchAsync(PeerClient.Request(open.Module, Wire.FetchRequest.Types.File.Zip))).Bytes);
        Assert.Equal(StatusCode.NotFound, (await stranger.RefusedAsync(PeerClient.Request(secret.Module, Wire.FetchRequest.Types.File.Zip))).StatusCode);
        var refused = await PeerClient.RefusedAsync(stranger.Logs.PrefixAsync(new Wire.PrefixRequest()));
        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);

        // Not being told is no fault of the peer: it is not set aside for it.
        Assert.Null(CallFault.Of(refused).Fault);
    }
}
