using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Identity;

namespace Athens.Federation.Tests.Federation;

public sealed class PeerListTests
{
    [Fact]
    public void Peers_are_found_by_key_and_replaced_whole()
    {
        PeerList list = new([Peer("a", 1), Peer("b", 2)]);
        int changes = 0;
        list.Changed += () => changes++;
        Assert.Equal("b", list.Find(Key(2))!.Name);
        Assert.Null(list.Find(Key(3)));
        Assert.Null(list.Find(default));

        list.Replace([Peer("c", 3)]);
        Assert.Equal(1, changes);
        Assert.Null(list.Find(Key(2)));
        Assert.Equal("c", Assert.Single(list.Current).Name);
        Assert.Equal("c", list.Find(Key(3))!.Name);
    }

    [Fact]
    public void Two_peers_with_one_key_are_refused_and_nothing_changes()
    {
        PeerList list = new([Peer("a", 1)]);
        Assert.Throws<ArgumentException>(() => list.Replace([Peer("b", 2), Peer("c", 2)]));
        Assert.Equal("a", Assert.Single(list.Current).Name);
    }

    private static PeerOptions Peer(string name, byte key) => new(name, $"{name}.example:3443", Key(key), "", PeerTrust.None);

    private static PeerKey Key(byte value) => PeerKey.Of([.. Enumerable.Repeat(value, PeerKey.Size)]);
}
