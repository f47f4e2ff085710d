using System.Net;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Federation.Pools;
using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Tests.Federation.Peers;
using Athens.Federation.Tests.Provenance.Pool;

namespace Athens.Federation.Tests.Federation.Pools;

public sealed class PoolHintsTests
{
    [Fact]
    public void Further_addresses_of_a_members_statement_are_tried_too_and_news_of_them_are_told()
    {
        using PoolRig rig = new();
        var book = rig.Pool(["acme", "globex"]);
        using PoolHints hints = new(book);
        var node = rig.Describe("g1") with { Endpoints = ["g1.example:3443", "192.0.2.7:3443", "other.example:3443", "[2001:db8::7]:3443"] };
        var key = PeerKey.Of(node.Identity.Span);
        Assert.Empty(hints.For(key));
        var next = hints.Next;
        PoolRig.Is(PoolEnd.Taken, book.TakeStatement(NodeStatement.Create(book.Current!.Id, "globex", node, rig.Now, NodeStatement.UsualLife).Sign(rig.Key("globex"))));
        Assert.True(next.IsCompleted);
        IPEndPoint[] expected = [IPEndPoint.Parse("192.0.2.7:3443"), IPEndPoint.Parse("[2001:db8::7]:3443")];
        Assert.Equal(expected, hints.For(key));
        Assert.Equal(expected, new AllHints([new NoHints(), hints, hints]).For(key));
        Assert.Empty(hints.For(PeerKey.Of(new byte[32])));
    }
}
