using System.Globalization;
using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Tests.Retrieval;
using Microsoft.Extensions.Logging.Abstractions;

namespace Athens.Federation.Tests.Federation.Peers;

/// <summary>To whom a node of a pool keeps connections.</summary>
public sealed class NearPeersTests
{
    private const int Orgs = 5;
    private const int OfOrg = 12;

    private readonly ManualTime time = new();

    [Fact]
    public void Of_a_small_pool_all_are_near()
    {
        var pool = Pool(Choice(0, mesh: Orgs * OfOrg));
        Assert.Equal(pool.Count, Choice(0, mesh: pool.Count).Of(pool).Count);
    }

    [Fact]
    public void With_witnesses_all_are_near()
    {
        var choice = Choice(0, mesh: 4, witnesses: 1);
        var pool = Pool(choice);
        Assert.Equal(pool.Count, choice.Of(pool).Count);
    }

    [Fact]
    public void Of_a_large_pool_the_own_organization_is_near_whoever_a_person_names_and_two_of_each_other_one()
    {
        var choice = Choice(0, mesh: 4);
        var pool = Pool(choice);
        pool.Add(New(choice, 1, 99, PeerOrigin.Pinned));
        pool.Add(New(choice, 2, 98, PeerOrigin.Configuration));
        pool.Add(New(choice, 3, 97, PeerOrigin.Found));
        var near = choice.Of(pool);
        Assert.Equal(OfOrg + ((Orgs - 1) * NearPeers.OfOrg) + 3, near.Count);
        Assert.Equal(OfOrg, near.Count(static peer => peer.Options.Org == "org0"));
        Assert.All(Enumerable.Range(1, Orgs - 1), org => Assert.Equal(2, near.Count(peer => peer.Options.Org == $"org{org}" && peer.Options.Origin == PeerOrigin.Pool)));
    }

    /// <summary>Forty nodes choose two of twelve each: nobody is left out, and nobody has to bear them all.</summary>
    [Fact]
    public void The_nodes_of_an_organization_are_chosen_about_equally_often()
    {
        var chosen = Enumerable.Range(0, 40)
            .Select(node => Choice(0, mesh: 4, node))
            .SelectMany(choice => choice.Of(Pool(choice)).Where(static peer => peer.Options.Org == "org3"))
            .CountBy(static peer => peer.Options.Key)
            .ToList();
        Assert.Equal(OfOrg, chosen.Count);
        Assert.All(chosen, static one => Assert.InRange(one.Value, 1, 20));
    }

    [Fact]
    public void Another_takes_the_place_of_one_that_is_missed_until_that_is_back()
    {
        var choice = Choice(0, mesh: 4);
        var pool = Pool(choice);
        var first = OfOrg2(choice.Of(pool));
        first[0].Missed();
        var then = OfOrg2(choice.Of(pool));
        Assert.Equal(3, then.Count);
        Assert.Superset(first.ToHashSet(), then.ToHashSet());

        // It is tried again, and after a while it is hoped for again.
        time.Advance(Peer.MissedFor);
        Assert.Equal(first, OfOrg2(choice.Of(pool)));
    }

    [Fact]
    public void Of_an_organization_that_cannot_be_reached_at_all_two_are_tried_at_a_time_and_two_more_until_somebody_is()
    {
        var choice = Choice(0, mesh: 4);
        var pool = Pool(choice);
        HashSet<Peer> tried = [];
        while (OfOrg2(choice.Of(pool)) is var now && now.Exists(static peer => !peer.IsMissed))
        {
            Assert.InRange(now.Count, 1, NearPeers.OfOrg + NearPeers.MostMissed);
            now.ForEach(static peer => peer.Missed());
            tried.UnionWith(now);
        }

        Assert.Equal(OfOrg, tried.Count);
        Assert.Equal(NearPeers.MostMissed, OfOrg2(choice.Of(pool)).Count);
    }

    private static List<Peer> OfOrg2(IEnumerable<Peer> near) => [.. near.Where(static peer => peer.Options.Org == "org2")];

    private static NearPeers Choice(int org, int mesh, int node = 0, int witnesses = 0)
    {
        FederationOptions options = new() { Org = $"org{org}", Mesh = mesh, Witnesses = witnesses };
        return new NearPeers(Key(org, 1000 + node), new PrivateGate(options), options);
    }

    private List<Peer> Pool(NearPeers choice) =>
        [.. Enumerable.Range(0, Orgs * OfOrg).Select(number => New(choice, number % Orgs, number, PeerOrigin.Pool))];

    private Peer New(NearPeers choice, int org, int number, PeerOrigin origin) =>
        new(new PeerOptions($"org{org}/n{number}", "", Key(org, number), $"org{org}", PeerTrust.Observe) { Origin = origin }, time, NullLogger.Instance)
        {
            Preference = choice.PreferenceFor(Key(org, number)),
        };

    private static PeerKey Key(int org, int number) =>
        PeerKey.Of(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{org}/{number}"))));
}
