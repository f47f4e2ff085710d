using System.Net;
using System.Text;
using Athens.Federation.Node.Discovery;
using Makaretu.Dns;

namespace Athens.Federation.Tests.Discovery;

/// <summary>What a node tells the LAN of itself.</summary>
public sealed class OwnInstanceTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Fact]
    public void Its_names_are_made_of_its_key_alone()
    {
        // SHA-256 of the bytes 0 to 31 begins with 630dcd29.
        OwnInstance own = new(Key, new IPEndPoint(IPAddress.IPv6Any, 3443));
        Assert.Equal("athens-630dcd29._athens-pool._tcp.local", own.Profile.FullyQualifiedName.ToString());
        Assert.Equal("athens-630dcd29.local", own.Profile.HostName.ToString());
    }

    [Fact]
    public void Its_text_has_less_than_200_bytes_and_is_read_as_it_was_written()
    {
        ServiceText text = new(Key, "AbCdEfGh12-_");
        Assert.InRange(new TXTRecord { Strings = text.ToStrings() }.GetData().Length, 1, 199);
        var read = ServiceText.Read(text.ToStrings());
        Assert.Equal(Key, read!.Key.ToArray());
        Assert.Equal("AbCdEfGh12-_", read.Tag);
    }

    [Fact]
    public void Without_a_pool_nothing_is_said_of_one() => Assert.Equal(["v=1", "k=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"], new ServiceText(Key, "").ToStrings());

    [Theory]
    [InlineData("v=2", "k=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")]
    [InlineData("v=1", "k=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh")]
    [InlineData("v=1", "k=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")]
    [InlineData("v=1", "k=+AECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")]
    [InlineData("v=1", "")]
    [InlineData("k=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "p=AbCdEfGh12-_")]
    public void Text_of_another_kind_is_no_nodes(string first, string second) => Assert.Null(ServiceText.Read([first, second]));

    [Fact]
    public void A_pool_tag_that_is_none_counts_as_absent()
    {
        var read = ServiceText.Read(["v=1", "k=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "p=<script>1234"]);
        Assert.Equal("", read!.Tag);
    }

    [Fact]
    public void Addresses_are_told_only_where_peers_are_served()
    {
        IPAddress[] addresses = [IPAddress.Parse("10.1.2.3"), IPAddress.Parse("fe80::1"), IPAddress.Loopback];
        Assert.Equal(["10.1.2.3", "fe80::1"], Told(IPAddress.IPv6Any, addresses));
        Assert.Equal(["10.1.2.3"], Told(IPAddress.Any, addresses));
        Assert.Equal(["fe80::1"], Told(IPAddress.Parse("fe80::1"), addresses));
        Assert.False(new OwnInstance(Key, new IPEndPoint(IPAddress.Loopback, 1)).IsReachable);
    }

    [Fact]
    public void A_tag_that_changes_is_heard_of_once()
    {
        PoolTag tag = new();
        var changes = 0;
        tag.Changed += () => changes++;
        tag.Current = "AbCdEfGh12-_";
        tag.Current = "AbCdEfGh12-_";
        Assert.Equal(1, changes);
        Assert.Throws<ArgumentException>(() => tag.Current = "acme");
        Assert.Throws<ArgumentException>(() => tag.Current = new string('ü', PoolTag.Length));
    }

    [Fact]
    public void The_LAN_is_asked_less_and_less_often_down_to_once_an_hour()
    {
        BrowseSchedule browse = new(new Random(1));
        browse.Begin(0);
        List<long> pauses = [];
        for (var i = 0; i < 15; i++)
        {
            var now = browse.Next;
            browse.Asked(now);
            pauses.Add((browse.Next - now) / 1000);
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600, 3600], pauses);
    }

    [Fact]
    public void Nothing_of_the_text_is_a_name()
    {
        var all = string.Concat(new ServiceText(Key, "AbCdEfGh12-_").ToStrings());
        Assert.DoesNotContain(Environment.MachineName, all, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(all.Length, Encoding.ASCII.GetByteCount(all));
    }

    private static IEnumerable<string> Told(IPAddress listens, IPAddress[] addresses)
    {
        OwnInstance own = new(Key, new IPEndPoint(listens, 3443));
        own.Fill("", addresses);
        return own.Profile.Resources.OfType<AddressRecord>().Select(record => record.Address.ToString());
    }
}
