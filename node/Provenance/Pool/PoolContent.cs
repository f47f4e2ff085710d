using System.Collections.Immutable;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>
/// What a pool's book keeps, and how it changes. Never changes itself: each step tells what would be kept then, and the book makes that durable
/// first.
/// </summary>
/// <param name="Chain">Of roots.</param>
/// <param name="OwnOrg">The node's.</param>
/// <param name="Statements">By <see cref="StatementRule.KeyOf"/>.</param>
/// <param name="Proposals">By id.</param>
internal sealed record PoolContent(
    RootChain Chain, string OwnOrg, ImmutableDictionary<string, SignedStatement> Statements, ImmutableDictionary<string, Proposal> Proposals)
{
    public static PoolContent Of(RootChain chain, string ownOrg) =>
        new(
            chain,
            ownOrg,
            ImmutableDictionary.Create<string, SignedStatement>(StringComparer.Ordinal),
            ImmutableDictionary.Create<string, Proposal>(StringComparer.Ordinal));

    public PoolStep TakeRoot(ReadOnlyMemory<byte> bytes, DateTimeOffset now) =>
        RootChain.ReadRoot(bytes, out var note, out var reason) is { } root ? Offer(root, note!, now) : PoolStep.Refuse(reason!);

    public PoolStep TakeProposal(ReadOnlyMemory<byte> bytes, DateTimeOffset now)
    {
        if (RootChain.ReadRoot(bytes, out var note, out var reason) is not { } root)
        {
            return PoolStep.Refuse(reason!);
        }

        if (Chain.IndexOf(root.Sha256) >= 0)
        {
            return PoolStep.Known("the proposal holds already");
        }

        reason = root.Expires <= now ? "the proposal has expired" : RootRule.Against(Chain.Tip, root);
        return reason is null ? Propose(root, note!, now) : PoolStep.Refuse(reason);
    }

    public PoolStep TakeStatement(ReadOnlyMemory<byte> bytes, DateTimeOffset now)
    {
        var note = SignedNote.Parse(bytes.Span, out var reason);
        var statement = note is null ? null : NodeStatement.Parse(note.Text, out reason);
        reason ??= Chain is { } chain ? StatementRule.Against(chain, statement!, now) : null;
        if (reason is not null)
        {
            return PoolStep.Refuse(reason);
        }

        var key = StatementRule.KeyOf(statement!);
        if (Statements.TryGetValue(key, out var known) && !StatementRule.IsNewer(statement!, known.Statement))
        {
            var isSame = known.Statement.Text == statement!.Text;
            return PoolStep.Known(isSame ? "the node statement is known" : "a newer statement of this node is known");
        }

        if (StatementRule.Good(Chain.Tip.Find(statement!.Org)!, note!) is not { } good)
        {
            return PoolStep.Refuse($"the node statement is not signed by the key of {statement.Org}");
        }

        var kept = StatementRule.Bounded(Statements.SetItem(key, new SignedStatement(statement, good)));
        return kept.TryGetValue(key, out var one) && ReferenceEquals(one.Statement, statement)
            ? PoolStep.Take("the node statement is taken", this with { Statements = kept })
            : PoolStep.Refuse($"{statement.Org} has as many nodes as are kept of one org");
    }

    /// <summary>One after another; the end of each is added to <paramref name="ends"/>.</summary>
    public PoolStep TakeStatements(IEnumerable<ReadOnlyMemory<byte>> notes, DateTimeOffset now, List<PoolTaken> ends)
    {
        var next = this;
        foreach (var note in notes)
        {
            var step = next.TakeStatement(note, now);
            next = step.Next ?? next;
            ends.Add(step.Taken);
        }

        return ReferenceEquals(next, this) ? PoolStep.Known("nothing of it is new") : PoolStep.Take("the node statements are taken", next);
    }

    /// <summary>The same without what has expired; the same object when that is nothing.</summary>
    public PoolContent Without(DateTimeOffset now)
    {
        var expired = Statements.Where(one => one.Value.Statement.Expires <= now).Select(one => one.Key).ToList();
        var stale = Proposals.Where(one => one.Value.Root.Expires <= now).Select(one => one.Key).ToList();
        return expired.Count + stale.Count == 0
            ? this
            : this with { Statements = Statements.RemoveRange(expired), Proposals = Proposals.RemoveRange(stale) };
    }

    public PoolState ToState(DateTimeOffset now) => new(
        Chain.Id,
        Chain.Roots,
        OwnOrg,
        StatementRule.InForce(Chain, Statements.Values, now),
        [.. Statements.Values.OrderByDescending(one => one.Statement.Issued).ThenBy(one => one.Statement.Sha256, StringComparer.Ordinal)],
        [.. Proposals.Values.OrderBy(one => one.Root.Version).ThenBy(one => one.Id, StringComparer.Ordinal)],
        Chain.Tip.Expires <= now,
        Chain.Tip.Expires - now <= PoolBook.EarlyWarning);

    /// <summary>When time alone changes something next; null when never.</summary>
    public DateTimeOffset? NextChange(DateTimeOffset now)
    {
        var times = Statements.Values.Select(one => one.Statement.Expires)
            .Concat(Proposals.Values.Select(one => one.Root.Expires))
            .Append(Chain.Tip.Expires)
            .Append(Chain.Tip.Expires - PoolBook.EarlyWarning)
            .Where(time => time > now)
            .ToList();
        return times.Count == 0 ? null : times.Min();
    }

    private PoolStep Offer(PoolRoot root, SignedNote note, DateTimeOffset now)
    {
        var offer = Chain.Offer(root, note);
        return new PoolStep(offer.Taken, offer.Next is null ? null : With(offer.Next, now), offer.Rival, note);
    }

    private PoolStep Propose(PoolRoot root, SignedNote note, DateTimeOffset now)
    {
        var known = Proposals.GetValueOrDefault(root.Sha256);
        var fresh = known is null ? note : RootRule.Fresh(known.Note, note);
        if (fresh is null)
        {
            return PoolStep.Known("the proposal is known");
        }

        if (RootRule.Good(Chain.Tip, root, fresh) is not { } good)
        {
            return PoolStep.Refuse("no org of the pool signed the proposal");
        }

        var merged = known is null ? good : RootRule.Merged(known.Note, good);
        var tally = RootRule.Tally(Chain.Tip, root, merged);
        if (tally.Old.Count == 0)
        {
            return PoolStep.Refuse("no org of the pool signed the proposal");
        }

        if (tally.IsEnough)
        {
            return Offer(root, merged, now);
        }

        var kept = ProposalRule.Bounded(Chain.Tip, Proposals.SetItem(root.Sha256, ProposalRule.Of(Chain.Tip, root, merged)));
        return kept.ContainsKey(root.Sha256)
            ? PoolStep.Take($"the proposal is kept: {tally.Wanting}", this with { Proposals = kept })
            : PoolStep.Refuse("the orgs that signed the proposal have newer ones; as many are kept as there is room for");
    }

    /// <summary>What of all this still holds under another chain. Statements are checked again only where the org's key is another.</summary>
    private PoolContent With(RootChain chain, DateTimeOffset now)
    {
        if (chain.Tip.Sha256 == Chain.Tip.Sha256)
        {
            return this with { Chain = chain };
        }

        var gone = Statements.Where(one => !StillHolds(chain, one.Value, now)).Select(one => one.Key);
        return this with { Chain = chain, Statements = Statements.RemoveRange(gone), Proposals = Proposals.Clear() };
    }

    private bool StillHolds(RootChain chain, SignedStatement one, DateTimeOffset now) =>
        StatementRule.Against(chain, one.Statement, now) is null
        && chain.Tip.Find(one.Statement.Org) is { } org
        && ((Chain.Tip.Find(one.Statement.Org) is { } old && old.Key.Equals(org.Key)) || one.Note.IsSignedBy(org.Key));
}
