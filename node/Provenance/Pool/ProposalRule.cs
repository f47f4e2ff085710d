using System.Collections.Immutable;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>Which proposals are kept. Nothing of it depends on the order in which they came.</summary>
internal static class ProposalRule
{
    /// <summary>Proposals in all: what people can look through.</summary>
    public const int MaxProposals = 64;

    /// <summary>Proposals for which an org's signature speaks: the highest versions it signed.</summary>
    public const int MaxOfOrg = 4;

    /// <summary>A proposal out of a note whose signatures are all good.</summary>
    public static Proposal Of(PoolRoot parent, PoolRoot root, SignedNote good)
    {
        var tally = RootRule.Tally(parent, root, good);
        return new Proposal(root.Sha256, root, good, tally.SignedBy, tally.MissingOfOld, tally.MissingOfNew);
    }

    /// <summary>
    /// As many as are kept: those that rank first with an org that signed them, then those with most signatures. Every org of the pool has its first
    /// before any has its second. Signatures of orgs that the pool does not have yet speak for nothing.
    /// </summary>
    public static ImmutableDictionary<string, Proposal> Bounded(PoolRoot parent, ImmutableDictionary<string, Proposal> proposals)
    {
        var ranks = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var org in parent.Orgs)
        {
            var own = proposals.Values
                .Where(one => one.Note.Signatures.Any(line => line.IsOf(org.Key.Name, org.Key.Hash)))
                .OrderByDescending(one => one.Root.Version)
                .ThenBy(one => one.Id, StringComparer.Ordinal)
                .Take(MaxOfOrg)
                .Select((one, rank) => (one.Id, Rank: rank));
            foreach (var (id, rank) in own)
            {
                ranks[id] = Math.Min(rank, ranks.GetValueOrDefault(id, int.MaxValue));
            }
        }

        var kept = proposals.Values
            .Where(one => ranks.ContainsKey(one.Id))
            .OrderBy(one => ranks[one.Id])
            .ThenByDescending(one => one.SignedBy.Count)
            .ThenBy(one => one.Id, StringComparer.Ordinal)
            .Take(MaxProposals)
            .Select(one => one.Id)
            .ToHashSet(StringComparer.Ordinal);
        return proposals.RemoveRange(proposals.Keys.Where(id => !kept.Contains(id)));
    }
}
