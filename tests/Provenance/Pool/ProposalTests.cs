using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Provenance.Pool;

/// <summary>Changes that wait for signatures: how they become roots, and what a hostile org can do with them.</summary>
public sealed class ProposalTests : IDisposable
{
    private readonly PoolRig rig = new();

    public void Dispose() => rig.Dispose();

    [Fact]
    public void A_pool_grows_as_orgs_approve()
    {
        var book = rig.Book();
        PoolRig.Is(PoolEnd.Taken, book.Create("team", "a", rig.Key("a"), 1));
        var (taken, proposal) = book.Propose(was => was.AddOrg(rig.Org("b")), rig.Key("a"));
        PoolRig.Is(PoolEnd.Taken, taken);
        Assert.Equal((0, 1), (proposal!.MissingOfOld, proposal.MissingOfNew));
        Assert.Equal(["a"], proposal.SignedBy);
        Assert.Equal(proposal.Id, Assert.Single(book.Current!.Proposals).Id);

        // The new org signs what it was sent, on its own node, and sends it back.
        PoolRig.Is(PoolEnd.Refused, book.Sign(proposal.Id, rig.Key("stranger")));
        PoolRig.Is(PoolEnd.Known, book.Sign(proposal.Id, rig.Key("a")));
        PoolRig.Is(PoolEnd.Taken, book.TakeSignature(SignedNote.Sign(proposal.Root.Text, rig.Key("b"))));
        Assert.Empty(book.Current!.Proposals);
        Assert.Equal(["a", "b"], book.Current!.Root.Orgs.Select(org => org.Name));
        Assert.Equal(proposal.Id, book.Current!.Root.Sha256);
        Assert.Equal(2, book.Current!.Root.Threshold);

        (taken, proposal) = book.Propose(was => was.SetQuorum(2), rig.Key("b"));
        PoolRig.Is(PoolEnd.Taken, taken);
        PoolRig.Is(PoolEnd.Refused, book.Sign(proposal!.Id[..7], rig.Key("a")));
        PoolRig.Is(PoolEnd.Taken, book.Sign(proposal.Id[..8], rig.Key("a")));
        Assert.Equal((3, 2), (book.Current!.Root.Version, book.Current.Root.Quorum));
    }

    [Fact]
    public void A_change_of_one_org_holds_at_once()
    {
        var book = rig.Book();
        PoolRig.Is(PoolEnd.Taken, book.Create("team", "a", rig.Key("a"), 1));
        var (taken, proposal) = book.Propose(was => was.SetQuorum(2), rig.Key("a"));
        PoolRig.Is(PoolEnd.Taken, taken);
        Assert.Equal(book.Current!.Root.Sha256, proposal!.Id);
        Assert.Equal(PoolEnd.Refused, book.Propose(was => was, rig.Key("a")).Taken.End);
        Assert.Equal(PoolEnd.Refused, book.Propose(was => was.RemoveOrg("z"), rig.Key("a")).Taken.End);
        Assert.Equal(PoolEnd.Refused, book.Propose(was => was.SetQuorum(3), rig.Key("z")).Taken.End);
        Assert.Equal(PoolEnd.Refused, book.Propose(was => was.SetQuorum(3), rig.Key("a", 2)).Taken.End);
        PoolRig.Is(PoolEnd.Refused, book.Create("other", "a", rig.Key("a"), 1));
        PoolRig.Is(PoolEnd.Refused, rig.Book().Create("no name", "a", rig.Key("a"), 1));
        PoolRig.Is(PoolEnd.Refused, rig.Book().TakeRoot(rig.Sign(rig.First("a"), "a")));
    }

    [Fact]
    public void A_key_is_rotated_with_a_proposal_and_the_new_keys_word()
    {
        var book = rig.Pool(["a"]);
        var (_, proposal) = book.Propose(was => was.ReplaceKey("a", rig.Key("a", 2).Verifier), rig.Key("a"));
        Assert.Equal((0, 1), (proposal!.MissingOfOld, proposal.MissingOfNew));
        PoolRig.Is(PoolEnd.Taken, book.Sign(proposal.Id, rig.Key("a", 2)));
        Assert.Equal(rig.Key("a", 2).Name, book.Current!.Root.Orgs[0].Key.Name);
    }

    [Fact]
    public void Signatures_of_several_notes_come_together_and_good_ones_only()
    {
        var book = rig.Pool(["a", "b", "c", "d", "e"]);
        var next = rig.Next(book.Current!.Root, was => was.SetQuorum(3), 2);
        PoolRig.Is(PoolEnd.Refused, book.TakeProposal(SignedNote.Sign(next.Text, rig.Key("stranger"), rig.Key("a", 2))));
        PoolRig.Is(PoolEnd.Taken, book.TakeProposal(rig.Sign(next, "a", "stranger")));
        PoolRig.Is(PoolEnd.Known, book.TakeProposal(rig.Sign(next, "a")));
        Assert.Equal(["a"], book.Current!.Proposals[0].SignedBy);
        Assert.Single(book.Current!.Proposals[0].Note.Signatures);
        PoolRig.Is(PoolEnd.Taken, book.TakeProposal(rig.Sign(next, "a", "c")));
        Assert.Equal(1, book.Current!.Proposals[0].MissingOfOld);
        PoolRig.Is(PoolEnd.Taken, book.TakeProposal(rig.Sign(next, "d")));
        Assert.Equal(next.Sha256, book.Current!.Root.Sha256);
        Assert.Equal(3, book.Current!.Chain[^1].Note.Signatures.Count);
        PoolRig.Is(PoolEnd.Known, book.TakeProposal(rig.Sign(next, "e")));
    }

    /// <summary>A key that a proposal brings in can sign it, but it takes an org of the pool before it is kept.</summary>
    [Fact]
    public void Whoever_is_not_in_the_pool_cannot_fill_it_with_proposals()
    {
        var book = rig.Pool(["a", "b"]);
        for (var i = 0; i < 100; i++)
        {
            var name = $"evil{i}";
            PoolRig.Is(PoolEnd.Refused, book.TakeProposal(rig.Sign(rig.Next(book.Current!.Root, was => was.AddOrg(rig.Org(name)), 2), name)));
        }

        Assert.Empty(book.Current!.Proposals);
    }

    [Fact]
    public void A_flood_of_one_orgs_proposals_takes_no_place_from_others()
    {
        var book = rig.Pool(["a", "b", "evil"]);
        var root = book.Current!.Root;
        var wanted = book.Propose(was => was.RemoveOrg("evil"), rig.Key("a")).Proposal!;
        for (var i = 0; i < 200; i++)
        {
            book.TakeProposal(rig.Sign(rig.Next(root, was => was.SetQuorum((i % 50) + 1), 3 + i), "evil"));
        }

        Assert.Equal(1 + ProposalRule.MaxOfOrg, book.Current!.Proposals.Count);
        PoolRig.Is(PoolEnd.Taken, book.Sign(wanted.Id, rig.Key("b")));
        Assert.Null(book.Current!.Root.Find("evil"));
        Assert.Empty(book.Current!.Proposals);
    }

    [Fact]
    public void A_flood_of_proposals_keeps_no_security_failure_unheard()
    {
        var book = rig.Pool(["a", "b", "evil"]);
        var root = book.Current!.Root;
        for (var i = 0; i < 1000; i++)
        {
            PoolRig.Is(PoolEnd.Taken, book.TakeProposal(rig.Sign(rig.Next(root, was => was.SetQuorum(5), 2 + i), "evil")));
        }

        Assert.Equal(1000, rig.Told(408));
        PoolRig.Is(PoolEnd.Taken, book.TakeRoot(rig.Sign(rig.Next(root, was => was.SetQuorum(60), 100), "a", "evil")));
        PoolRig.Is(PoolEnd.Conflict, book.TakeRoot(rig.Sign(rig.Next(root, was => was.SetQuorum(61), 100), "b", "evil")));
        Assert.Equal(1, rig.Told(400));
    }

    [Fact]
    public void No_flood_of_versions_keeps_honest_orgs_from_changing_the_pool()
    {
        var book = rig.Pool(["a", "b", "evil"]);
        var root = book.Current!.Root;
        foreach (var step in (long[])[RootRule.MaxStep, RootRule.MaxStep - 1, RootRule.MaxStep / 2, RootRule.MaxStep / 3])
        {
            PoolRig.Is(PoolEnd.Taken, book.TakeProposal(rig.Sign(rig.Next(root, was => was.SetQuorum(5), 1 + step), "evil")));
        }

        var highest = book.Current!.Proposals[^1];
        PoolRig.Is(PoolEnd.Refused, book.Sign(highest.Id, rig.Key("a")));
        var (taken, proposal) = book.Propose(was => was.RemoveOrg("evil"), rig.Key("a"));
        PoolRig.Is(PoolEnd.Taken, taken);
        PoolRig.Is(PoolEnd.Taken, book.Sign(proposal!.Id, rig.Key("b")));
        Assert.Null(book.Current!.Root.Find("evil"));
    }

    [Fact]
    public void A_key_signs_only_ever_higher_versions_on_one_root()
    {
        var book = rig.Pool(["a", "b", "c"], "book");
        var root = book.Current!.Root;
        var low = rig.Next(root, was => was.SetQuorum(2), 2);
        var same = rig.Next(root, was => was.SetQuorum(3), 5);
        var high = rig.Next(root, was => was.SetQuorum(4), 5);
        Assert.All([low, same, high], next => PoolRig.Is(PoolEnd.Taken, book.TakeProposal(rig.Sign(next, "b"))));
        PoolRig.Is(PoolEnd.Taken, Sign(high, "c"));
        Assert.Equal(high.Sha256, book.Current!.Root.Sha256);

        var other = rig.Pool(["a", "b", "c", "d", "e"], "other");
        root = other.Current!.Root;
        low = rig.Next(root, was => was.SetQuorum(2), 2);
        same = rig.Next(root, was => was.SetQuorum(3), 5);
        high = rig.Next(root, was => was.SetQuorum(4), 5);
        Assert.All([low, same, high], next => PoolRig.Is(PoolEnd.Taken, other.TakeProposal(rig.Sign(next, "b"))));
        PoolRig.Is(PoolEnd.Taken, other.Sign(high.Sha256, rig.Key("c")));
        PoolRig.Is(PoolEnd.Refused, other.Sign(low.Sha256, rig.Key("c")));
        PoolRig.Is(PoolEnd.Refused, other.Sign(same.Sha256, rig.Key("c")));
        Assert.Equal(6, other.Propose(was => was.SetQuorum(7), rig.Key("c")).Proposal!.Root.Version);

        // The next process knows it too, and also when the pool was left and joined again.
        other.Dispose();
        var again = rig.Book("other");
        PoolRig.Is(PoolEnd.Known, again.Sign(high.Sha256, rig.Key("c")));
        PoolRig.Is(PoolEnd.Refused, again.Sign(low.Sha256, rig.Key("c")));
        PoolRig.Is(PoolEnd.Taken, again.Leave());
        PoolRig.Is(PoolEnd.Taken, again.Join(root.Sha256, [rig.Sign(root, "a", "b", "c", "d", "e")], "a"));
        PoolRig.Is(PoolEnd.Taken, again.TakeProposal(rig.Sign(low, "b")));
        PoolRig.Is(PoolEnd.Refused, again.Sign(low.Sha256, rig.Key("c")));
        Assert.Equal(7, again.Propose(was => was.SetQuorum(7), rig.Key("c")).Proposal!.Root.Version);

        PoolTaken Sign(PoolRoot next, string org) => book.Sign(next.Sha256, rig.Key(org));
    }

    [Fact]
    public void Proposals_go_when_the_root_moves_on_and_when_they_expire()
    {
        var book = rig.Pool(["a", "b", "c"]);
        var root = book.Current!.Root;
        var waiting = rig.Next(root, was => was.SetQuorum(2), 2);
        PoolRig.Is(PoolEnd.Taken, book.TakeProposal(rig.Sign(waiting, "a")));
        var next = rig.Next(root, was => was.SetQuorum(3), 3);
        PoolRig.Is(PoolEnd.Taken, book.TakeRoot(rig.Sign(next, "b", "c")));
        Assert.Empty(book.Current!.Proposals);
        PoolRig.Is(PoolEnd.Refused, book.TakeProposal(rig.Sign(waiting, "a")));

        var brief = rig.Next(next, was => was.Renew(rig.Now, TimeSpan.FromDays(1)), 4);
        PoolRig.Is(PoolEnd.Taken, book.TakeProposal(rig.Sign(brief, "a")));
        rig.Time.Advance(TimeSpan.FromDays(1));
        Assert.Empty(book.Current!.Proposals);
        PoolRig.Is(PoolEnd.Refused, book.TakeProposal(rig.Sign(brief, "a")));
    }

    [Fact]
    public void An_org_that_is_removed_reads_so_in_its_log()
    {
        var book = rig.Pool(["a", "b", "c"], own: "c");
        PoolRig.Is(PoolEnd.Taken, book.TakeRoot(rig.Sign(rig.Next(book.Current!.Root, was => was.RemoveOrg("c"), 2), "a", "b")));
        Assert.Equal(1, rig.Told(411));
        Assert.Equal("c", book.Current!.OwnOrg);
    }
}
