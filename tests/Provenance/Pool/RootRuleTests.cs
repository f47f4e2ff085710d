using System.Text;
using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Provenance.Pool;

/// <summary>Which root follows which: the rule for random signers, and everything that an org that lost tries against it.</summary>
public sealed class RootRuleTests : IDisposable
{
    private readonly PoolRig rig = new();

    public void Dispose() => rig.Dispose();

    /// <summary>The rule is told a second time here, plainly, and both have to agree for every choice of signers.</summary>
    [Fact]
    public void A_follower_is_taken_exactly_when_both_thresholds_are_met()
    {
        const int seed = 5;
        var random = new Random(seed);
        var (taken, refused) = (0, 0);
        for (var round = 0; round < 60; round++)
        {
            var all = Enumerable.Range(0, random.Next(1, 6)).Select(i => $"o{i}").ToArray();
            var first = rig.First(all).SetThreshold(random.Next(1, all.Length + 1));
            using var book = PoolBook.Open(null, rig.Time, rig.Log.CreateLogger("pool"));
            PoolRig.Is(PoolEnd.Taken, book.Join(first.Sha256, [rig.Sign(first, all)], "o0"));
            for (var step = 0; step < 5; step++)
            {
                var parent = book.Current!.Root;
                var next = RandomFollower(random, parent);
                string[] signers = [.. parent.Orgs.Concat(next.Orgs).Select(org => org.Name).Append("stranger").Distinct().Where(_ => random.Next(3) > 0)];
                SigningKey[] keys = [.. signers.SelectMany(org => new[] { rig.Key(org), rig.Key(org, 2) }).Where(_ => random.Next(4) > 0)];
                if (keys.Length == 0)
                {
                    continue;
                }

                var isGood = Count(parent, keys) >= parent.Threshold && Count(next, keys) >= next.Threshold;
                var end = book.TakeRoot(SignedNote.Sign(next.Text, keys));
                Assert.True((end.End == PoolEnd.Taken) == isGood, $"seed {seed}, round {round}, step {step}: {end}");
                Assert.Equal(isGood ? next.Sha256 : parent.Sha256, book.Current!.Root.Sha256);
                (taken, refused) = isGood ? (taken + 1, refused) : (taken, refused + 1);
            }
        }

        Assert.True(taken > 30 && refused > 30, $"{taken} taken and {refused} refused show too little");
    }

    [Fact]
    public void A_root_signed_by_too_few_is_refused()
    {
        var book = rig.Pool(["a", "b", "c"]);
        var root = book.Current!.Root;
        var next = rig.Next(root, was => was.RemoveOrg("c"), 2);
        PoolRig.Is(PoolEnd.Refused, book.TakeRoot(rig.Sign(next, "a")));
        PoolRig.Is(PoolEnd.Refused, book.TakeRoot(rig.Sign(next, "a", "stranger")));
        PoolRig.Is(PoolEnd.Refused, book.TakeRoot(SignedNote.Sign(next.Text, rig.Key("a"), rig.Key("b", 2))));
        PoolRig.Is(PoolEnd.Refused, book.TakeRoot(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(rig.Sign(next, "a", "b")).Replace("quorum 1", "quorum 2", StringComparison.Ordinal))));

        // The line of one org twice is one org.
        var note = SignedNote.Parse(rig.Sign(next, "a"), out _)!;
        var line = note.Signatures[0].ToLine();
        PoolRig.Is(PoolEnd.Refused, book.TakeRoot(Encoding.UTF8.GetBytes($"{next.Text}\n{line}{line}")));
        Assert.Equal(root.Sha256, book.Current!.Root.Sha256);
        PoolRig.Is(PoolEnd.Taken, book.TakeRoot(rig.Sign(next, "a", "b")));
    }

    [Fact]
    public void An_org_that_is_taken_in_has_to_want_it_when_the_threshold_needs_it()
    {
        var book = rig.Pool(["a"]);
        var next = rig.Next(book.Current!.Root, was => was.AddOrg(rig.Org("b")), 2);
        PoolRig.Is(PoolEnd.Refused, book.TakeRoot(rig.Sign(next, "a")));
        PoolRig.Is(PoolEnd.Taken, book.TakeRoot(rig.Sign(next, "a", "b")));
    }

    [Fact]
    public void An_old_root_is_known_and_changes_nothing()
    {
        var book = rig.Pool(["a", "b", "c"]);
        var first = book.Current!.Root;
        var second = rig.Next(first, was => was.SetQuorum(2), 2);
        var third = rig.Next(second, was => was.SetQuorum(3), 3);
        PoolRig.Is(PoolEnd.Refused, book.TakeRoot(rig.Sign(third, "a", "b")));
        PoolRig.Is(PoolEnd.Taken, book.TakeRoot(rig.Sign(second, "a", "b")));
        PoolRig.Is(PoolEnd.Taken, book.TakeRoot(rig.Sign(third, "a", "b")));
        PoolRig.Is(PoolEnd.Known, book.TakeRoot(rig.Sign(second, "a", "b")));
        PoolRig.Is(PoolEnd.Known, book.TakeRoot(rig.Sign(first, "a", "b", "c")));
        Assert.Equal(3, book.Current!.Root.Quorum);
        PoolRig.Is(PoolEnd.Taken, book.TakeRoot(rig.Sign(second, "c")));
        Assert.Equal(3, book.Current!.Chain[1].Note.Signatures.Count);
        Assert.Equal(3, book.Current!.Root.Quorum);
    }

    [Fact]
    public void An_org_that_was_removed_cannot_undo_it()
    {
        var book = rig.Pool(["a", "b", "evil"]);
        var first = book.Current!.Root;
        PoolRig.Is(PoolEnd.Taken, book.TakeStatement(rig.Signed(rig.Node(book.Current.Id, "evil", "n1"))));
        var removed = rig.Next(first, was => was.RemoveOrg("evil"), 2);
        PoolRig.Is(PoolEnd.Taken, book.TakeRoot(rig.Sign(removed, "a", "b")));
        Assert.Empty(book.Current!.Members);
        Assert.Empty(book.Current!.Statements);

        PoolRig.Is(PoolEnd.Known, book.TakeRoot(rig.Sign(first, "a", "b", "evil")));
        PoolRig.Is(PoolEnd.Refused, book.TakeStatement(rig.Signed(rig.Node(book.Current.Id, "evil", "n1"))));
        PoolRig.Is(PoolEnd.Refused, book.TakeRoot(rig.Sign(rig.Next(first, was => was.SetQuorum(2), 3), "evil")));
        PoolRig.Is(PoolEnd.Refused, book.TakeRoot(rig.Sign(rig.Next(removed, was => was.AddOrg(rig.Org("evil")), 3), "evil")));
        PoolRig.Is(PoolEnd.Refused, book.TakeProposal(rig.Sign(rig.Next(removed, was => was.AddOrg(rig.Org("evil")), 3), "evil")));

        // A fork from its own first root, a root of its own pool, and one that calls itself a follower of nothing that is known.
        PoolRig.Is(PoolEnd.Refused, book.TakeRoot(rig.Sign(rig.First("evil"), "evil")));
        var own = rig.First("evil");
        PoolRig.Is(PoolEnd.Refused, book.TakeRoot(rig.Sign(rig.Next(own, was => was.SetQuorum(2), 9), "evil")));
        Assert.Equal(removed.Sha256, book.Current!.Root.Sha256);
    }

    /// <summary>The change that "b" once signed with "evil" was hidden; "b" signed the removal later, with a higher version.</summary>
    [Fact]
    public void A_change_that_was_signed_earlier_and_hidden_undoes_nothing()
    {
        var book = rig.Pool(["a", "b", "evil"]);
        var first = book.Current!.Root;
        var hidden = rig.Next(first, was => was.SetThreshold(1), 2);
        var removed = rig.Next(first, was => was.RemoveOrg("evil"), 3);
        var after = rig.Next(removed, was => was.SetQuorum(2), 4);
        PoolRig.Is(PoolEnd.Taken, book.TakeRoot(rig.Sign(removed, "a", "b")));
        PoolRig.Is(PoolEnd.Taken, book.TakeRoot(rig.Sign(after, "a", "b")));
        PoolRig.Is(PoolEnd.Known, book.TakeRoot(rig.Sign(hidden, "b", "evil")));
        Assert.Equal(after.Sha256, book.Current!.Root.Sha256);
        PoolRig.Is(PoolEnd.Refused, book.TakeRoot(rig.Sign(rig.Next(hidden, was => was.SetQuorum(3), 9), "evil")));

        // The other way round: whoever saw the hidden one first comes to the removal all the same.
        var late = rig.Pool(["a", "b", "evil"]);
        PoolRig.Is(PoolEnd.Taken, late.TakeRoot(rig.Sign(hidden, "b", "evil")));
        PoolRig.Is(PoolEnd.Taken, late.TakeRoot(rig.Sign(rig.Next(hidden, was => was.SetQuorum(3), 9), "evil")));
        PoolRig.Is(PoolEnd.Taken, late.TakeRoot(rig.Sign(removed, "a", "b")));
        PoolRig.Is(PoolEnd.Taken, late.TakeRoot(rig.Sign(after, "a", "b")));
        Assert.Equal(after.Sha256, late.Current!.Root.Sha256);
        Assert.Equal(1, rig.Told(406));
    }

    [Fact]
    public void An_org_that_signs_two_roots_of_one_version_is_told_of_and_the_first_stays()
    {
        var book = rig.Pool(["a", "b", "c"], "book");
        var first = book.Current!.Root;
        var one = rig.Next(first, was => was.SetQuorum(2), 2);
        var other = rig.Next(first, was => was.SetQuorum(3), 2);
        PoolRig.Is(PoolEnd.Taken, book.TakeRoot(rig.Sign(one, "a", "b")));
        var taken = book.TakeRoot(rig.Sign(other, "b", "c"));
        PoolRig.Is(PoolEnd.Conflict, taken);
        Assert.StartsWith("b signed two", taken.Reason, StringComparison.Ordinal);
        PoolRig.Is(PoolEnd.Conflict, book.TakeRoot(rig.Sign(other, "b", "c")));
        Assert.Equal(2, book.Current!.Root.Quorum);
        Assert.Equal(1, rig.Told(400));
        var evidence = File.ReadAllText(Assert.Single(Directory.GetFiles(Path.Combine(rig.Folder.Path, "book", "conflicts"))));
        Assert.Contains(one.Text, evidence, StringComparison.Ordinal);
        Assert.Contains(other.Text, evidence, StringComparison.Ordinal);
    }

    /// <summary>Two halves of a pool with a low threshold: nobody signed twice, so no first sight decides.</summary>
    [Fact]
    public void Two_groups_that_change_a_pool_beside_one_another_come_to_the_same_root()
    {
        var first = rig.First("a", "b").SetThreshold(1);
        var one = rig.Next(first, was => was.SetQuorum(2), 2);
        var other = rig.Next(first, was => was.SetQuorum(3), 2);
        byte[][] notes = [rig.Sign(one, "a"), rig.Sign(other, "b")];
        var ends = new List<string>();
        foreach (var order in (int[][])[[0, 1], [1, 0]])
        {
            var book = rig.Book();
            PoolRig.Is(PoolEnd.Taken, book.Join(first.Sha256, [rig.Sign(first, "a")], "a"));
            Assert.All(order, i => Assert.True(book.TakeRoot(notes[i]).End is PoolEnd.Taken or PoolEnd.Known));
            ends.Add(book.Current!.Root.Sha256);
        }

        Assert.Single(ends.Distinct());
        Assert.Equal(0, rig.Told(400));
    }

    /// <summary>The two keys were searched for: one name, one hash of 32 bits, and nobody has the private part of the victim's.</summary>
    [Fact]
    public void A_key_that_looks_like_anothers_in_signature_lines_does_not_sign_for_it()
    {
        const string name = "victim/org/key";
        using var look = SigningKey.FromSeed(name, Hash("evil 3663"));
        var victim = NoteVerifier.Of(name, Hash("victim 579460"));
        Assert.Equal(victim.Hash, look.Verifier.Hash);
        var first = rig.First("evil", "other").AddOrg(new PoolOrg("victim", victim));
        var book = rig.Book();
        PoolRig.Is(PoolEnd.Taken, book.Join(first.Sha256, [rig.Sign(first, "evil", "other")], "other"));
        var coup = rig.Next(first, was => was.RemoveOrg("victim").RemoveOrg("other").ReplaceKey("evil", look.Verifier), 2);
        PoolRig.Is(PoolEnd.Refused, book.TakeRoot(SignedNote.Sign(coup.Text, rig.Key("evil"), look)));
        PoolRig.Is(PoolEnd.Refused, book.TakeProposal(SignedNote.Sign(coup.Text, rig.Key("evil"), look)));
        var beside = rig.Next(first, was => was.RemoveOrg("victim").AddOrg(new PoolOrg("shill", look.Verifier)), 2);
        PoolRig.Is(PoolEnd.Refused, book.TakeRoot(SignedNote.Sign(beside.Text, rig.Key("evil"), look)));
        Assert.Equal(first.Sha256, book.Current!.Root.Sha256);

        static byte[] Hash(string text) => System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(text));
    }

    [Fact]
    public void A_version_cannot_be_used_up()
    {
        var book = rig.Pool(["a"]);
        var first = book.Current!.Root;
        PoolRig.Is(PoolEnd.Refused, book.TakeRoot(rig.Sign(rig.Next(first, was => was.SetQuorum(2), long.MaxValue), "a")));
        PoolRig.Is(PoolEnd.Refused, book.TakeRoot(rig.Sign(rig.Next(first, was => was.SetQuorum(2), 2 + RootRule.MaxStep), "a")));
        PoolRig.Is(PoolEnd.Taken, book.TakeRoot(rig.Sign(rig.Next(first, was => was.SetQuorum(2), 1 + RootRule.MaxStep), "a")));
    }

    [Fact]
    public void A_key_is_replaced_when_both_keys_sign()
    {
        var book = rig.Pool(["a", "b"]);
        var next = rig.Next(book.Current!.Root, was => was.ReplaceKey("a", rig.Key("a", 2).Verifier), 2);
        PoolRig.Is(PoolEnd.Refused, book.TakeRoot(SignedNote.Sign(next.Text, rig.Key("a"), rig.Key("b"))));
        PoolRig.Is(PoolEnd.Refused, book.TakeRoot(SignedNote.Sign(next.Text, rig.Key("a", 2), rig.Key("b"))));
        PoolRig.Is(PoolEnd.Taken, book.TakeRoot(SignedNote.Sign(next.Text, rig.Key("a"), rig.Key("a", 2), rig.Key("b"))));
        PoolRig.Is(PoolEnd.Refused, book.TakeStatement(rig.Signed(rig.Node(book.Current!.Id, "a", "n"))));
        PoolRig.Is(PoolEnd.Taken, book.TakeStatement(rig.Signed(rig.Node(book.Current!.Id, "a", "n"), 2)));
    }

    [Fact]
    public void Joining_takes_the_whole_chain_or_nothing()
    {
        var book = rig.Pool(["a", "b"]);
        var first = book.Current!.Root;
        var second = rig.Next(first, was => was.SetQuorum(2), 2);
        byte[] start = rig.Sign(first, "a", "b");
        byte[] good = rig.Sign(second, "a", "b");
        byte[] weak = rig.Sign(second, "a");
        var joiner = rig.Book();
        Refuse([]);
        Refuse([good]);
        Refuse([start, weak]);
        Refuse([start, good, start]);
        Refuse([start, start]);
        Refuse([start, good, good]);
        PoolRig.Is(PoolEnd.Refused, joiner.Join(rig.First("a").Sha256, [start, good], "b"));
        PoolRig.Is(PoolEnd.Refused, joiner.Join(first.Sha256, [rig.Sign(first, "a")], "b"));
        Assert.Null(joiner.Current);
        PoolRig.Is(PoolEnd.Taken, joiner.Join(first.Sha256, [start, good], "b"));
        Assert.Equal(second.Sha256, joiner.Current!.Root.Sha256);
        PoolRig.Is(PoolEnd.Known, joiner.Join(first.Sha256, [start, good], "b"));
        PoolRig.Is(PoolEnd.Refused, joiner.Join(rig.First("c").Sha256, [rig.Sign(rig.First("c"), "c")], "b"));

        void Refuse(byte[][] chain) => PoolRig.Is(PoolEnd.Refused, joiner.Join(first.Sha256, [.. chain.Select(note => (ReadOnlyMemory<byte>)note)], "b"));
    }

    private int Count(PoolRoot root, SigningKey[] keys) =>
        root.Orgs.Count(org => keys.Any(key => key.PublicKey.Span.SequenceEqual(org.Key.PublicKey.Span)));

    private PoolRoot RandomFollower(Random random, PoolRoot parent)
    {
        var name = parent.Orgs[random.Next(parent.Orgs.Count)].Name;
        var version = parent.Version + random.Next(1, 4);
        return random.Next(5) switch
        {
            0 => rig.Next(parent, was => was.AddOrg(rig.Org($"p{version}")), version),
            1 when parent.Orgs.Count > 1 => rig.Next(parent, was => was.RemoveOrg(name), version),
            2 when parent.Find(name)!.Key.Name == rig.Key(name).Name => rig.Next(parent, was => was.ReplaceKey(name, rig.Key(name, 2).Verifier), version),
            3 => rig.Next(parent, was => was.SetThreshold(random.Next(1, parent.Orgs.Count + 1)).SetQuorum(random.Next(1, 9)), version),
            _ => rig.Next(parent, was => was.SetQuorum(parent.Quorum == 1 ? 2 : 1), version),
        };
    }
}
