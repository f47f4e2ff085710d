using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Peers;

namespace Athens.Federation.Tests.Federation.Peers;

public sealed class PeerOrderTests : IAsyncLifetime, IDisposable
{
    private readonly TwinPeer[] twins =
    [
        .. Enumerable.Range(0, 12).Select(i => new TwinPeer($"p{i:00}", i % 3 == 2 ? PeerTrust.Observe : PeerTrust.None)),
    ];

    private readonly PeersRig rig;

    public PeerOrderTests()
    {
        rig = new PeersRig(new FederationOptions(), twins);
        foreach (TwinPeer twin in twins)
        {
            rig.Connect(twin);
        }
    }

    [Fact]
    public void The_quick_come_first_and_among_equals_the_trusted()
    {
        Measure(0, 30);
        Measure(1, 4);
        Measure(2, 6);
        Assert.Equal(["p02", "p01", "p00"], Names(PeerOrder.Choose([.. twins.Take(3).Select(twin => rig[twin])], 8)));
    }

    [Fact]
    public void Calls_under_way_count_as_slowness()
    {
        Measure(0, 10);
        Measure(1, 14);
        List<PeerLease> leases = [.. Enumerable.Range(0, 40).Select(_ => rig[twins[0]].TryLease()!)];
        Assert.Equal(["p01", "p00"], Names(PeerOrder.Choose([rig[twins[0]], rig[twins[1]]], 8)));
        leases.ForEach(static lease => lease.Dispose());
        Assert.Equal(["p00", "p01"], Names(PeerOrder.Choose([rig[twins[0]], rig[twins[1]]], 8)));
    }

    [Fact]
    public void Half_of_the_places_are_for_the_trusted_however_far_they_are()
    {
        for (int i = 0; i < twins.Length; i++)
        {
            Measure(i, rig[twins[i]].IsTrusted ? 500 : 2);
        }

        IReadOnlyList<Peer> chosen = PeerOrder.Choose(rig.Table.Peers, 8);
        Assert.Equal(8, chosen.Count);
        Assert.Equal(4, chosen.Count(static peer => peer.IsTrusted));
    }

    [Fact]
    public void Who_is_not_connected_or_set_aside_is_not_chosen()
    {
        rig[twins[0]].Disconnected(rig[twins[0]].Link!);
        rig[twins[1]].Failed(PeerFault.Slow, "slow");
        Assert.Equal(["p02"], Names(PeerOrder.Choose([.. twins.Take(3).Select(twin => rig[twin])], 8)));
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, PeerOrder.Choose([.. twins.Take(3).Select(twin => rig[twin])], 8).Count);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await rig.DisposeAsync();

    public void Dispose() => Array.ForEach(twins, static twin => twin.Dispose());

    private static string[] Names(IEnumerable<Peer> peers) => [.. peers.Select(static peer => peer.Options.Name)];

    private void Measure(int twin, int milliseconds) => rig[twins[twin]].Succeeded(TimeSpan.FromMilliseconds(milliseconds), 0);
}
