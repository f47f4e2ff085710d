using System.Net;
using Athens.Federation.Node.Discovery;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Neighbours;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Tests.Federation.Peers;

namespace Athens.Federation.Tests.Federation.Neighbours;

/// <summary>What neighbours lend to a peer's connection, and how strangers are kept.</summary>
public sealed class LanHintsTests
{
    private readonly SomeNeighbourhood neighbourhood = new();

    [Fact]
    public void A_peers_addresses_are_those_of_who_claims_its_key()
    {
        var key = Dialling.SomeKey();
        using LanHints hints = new(neighbourhood);
        var next = hints.Next;
        neighbourhood.Be(Claim("a", Dialling.SomeKey(), 1), Claim("b", key, 2, 3));
        Assert.True(next.IsCompleted);
        Assert.Equal([At(2), At(3)], hints.For(key));
        Assert.Empty(hints.For(Dialling.SomeKey()));
    }

    [Fact]
    public void Many_who_claim_a_peers_key_do_not_keep_the_right_one_from_being_tried()
    {
        var key = Dialling.SomeKey();
        var name = OwnInstance.Name(key.Bytes.Span);
        using LanHints hints = new(neighbourhood);
        neighbourhood.Be([.. Enumerable.Range(1, 100).Select(i => Claim($"aaa{i}", key, i)), Claim(name, key, 200, 201)]);
        var tried = hints.For(key);
        Assert.Equal(PeerTarget.MaxHints, tried.Count);
        Assert.Equal(At(200), tried[0]);
    }

    [Fact]
    public void A_stranger_is_tried_once_when_it_proves_its_key_and_a_few_times_when_it_does_not()
    {
        ShortenedTime time = new();
        SeenNeighbours seen = new(time);
        var honest = Claim("honest", Dialling.SomeKey(), 1);
        var liar = Claim("liar", Dialling.SomeKey(), 2);
        Dictionary<string, int> tries = new(StringComparer.Ordinal) { ["honest"] = 0, ["liar"] = 0 };
        for (var i = 0; i < 100; i++)
        {
            seen.Follow([honest, liar]);
            if (seen.Due(out _) is { } due)
            {
                tries[due.Instance]++;
                seen.Tried(due, due == honest ? At(1) : null);
            }

            time.Skip(TimeSpan.FromMinutes(1));
        }

        Assert.Equal((1, 4), (tries["honest"], tries["liar"]));
        Assert.Equal("honest", Assert.Single(seen.Current).Instance);
        Assert.Null(seen.Due(out var wait));
        Assert.Null(wait);
    }

    [Fact]
    public void Who_says_something_else_of_itself_has_proven_nothing()
    {
        SeenNeighbours seen = new(TimeProvider.System);
        var key = Dialling.SomeKey();
        var before = Claim("n", key, 1);
        seen.Follow([before]);
        seen.Tried(before, At(1));
        seen.Follow([Claim("n", key, 1, 2)]);
        Assert.Single(seen.Current);

        seen.Follow([Claim("n", key, 3)]);
        Assert.Empty(seen.Current);
        Assert.NotNull(seen.Due(out _));
        seen.Tried(before, At(1));
        Assert.Empty(seen.Current);

        seen.Follow([]);
        Assert.Null(seen.Due(out _));
    }

    private static IPEndPoint At(int last) => new(new IPAddress([10, 1, 2, (byte)last]), 3443);

    private static Neighbour Claim(string name, PeerKey key, params int[] at) => new(name, [.. at.Select(At)], key.Bytes, "");

    private sealed class SomeNeighbourhood : INeighbourhood
    {
        public event Action? Changed;

        public IReadOnlyList<Neighbour> Current { get; private set; } = [];

        public void Be(params Neighbour[] now)
        {
            Current = now;
            Changed?.Invoke();
        }
    }
}
