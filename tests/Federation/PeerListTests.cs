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

        list.Set(PeerOrigin.Configuration, [Peer("c", 3)]);
        Assert.Equal(1, changes);
        Assert.Null(list.Find(Key(2)));
        Assert.Equal("c", Assert.Single(list.Current).Name);
        Assert.Equal("c", list.Find(Key(3))!.Name);
    }

    [Fact]
    public void Two_peers_with_one_key_are_refused_and_nothing_changes()
    {
        PeerList list = new([Peer("a", 1)]);
        Assert.Throws<ArgumentException>(() => list.Set(PeerOrigin.Configuration, [Peer("b", 2), Peer("c", 2)]));
        Assert.Equal("a", Assert.Single(list.Current).Name);
    }

    [Fact]
    public void The_first_origin_that_names_a_key_decides_and_gives_way_when_it_falls_silent()
    {
        PeerList list = new([Peer("mine", 1)]);
        list.Set(PeerOrigin.Pool, [Peer("acme/theirs", 1), Peer("acme/other", 2)]);
        Assert.Equal(["mine", "acme/other"], list.Current.Select(peer => peer.Name));
        Assert.Equal([PeerOrigin.Configuration, PeerOrigin.Pool], list.Current.Select(peer => peer.Origin));
        Assert.Equal(["acme/theirs", "acme/other"], list.Of(PeerOrigin.Pool).Select(peer => peer.Name));

        list.Set(PeerOrigin.Configuration, []);
        Assert.Equal("acme/theirs", list.Find(Key(1))!.Name);

        int changes = 0;
        list.Changed += () => changes++;
        list.Set(PeerOrigin.Pool, [Peer("acme/theirs", 1), Peer("acme/other", 2)]);
        Assert.Equal(0, changes);
    }

    [Fact]
    public void Beyond_the_bound_the_last_origins_peers_are_left_out()
    {
        PeerList list = new([Peer("mine", 1)]);
        list.Set(PeerOrigin.Found, [Peer("stranger", 2)]);
        list.Set(PeerOrigin.Pool, [.. Enumerable.Range(0, PeerList.MaxPeers).Select(number => Peer($"acme/{number}", 3) with { Key = Numbered(number) })]);
        Assert.Equal(PeerList.MaxPeers, list.Current.Count);
        Assert.NotNull(list.Find(Key(1)));
        Assert.Null(list.Find(Key(2)));
    }

    private static PeerKey Numbered(int number) =>
        PeerKey.Of([.. BitConverter.GetBytes(number), .. Enumerable.Repeat((byte)7, PeerKey.Size - sizeof(int))]);

    private static PeerOptions Peer(string name, byte key) => new(name, $"{name}.example:3443", Key(key), "", PeerTrust.None);

    private static PeerKey Key(byte value) => PeerKey.Of([.. Enumerable.Repeat(value, PeerKey.Size)]);
}
