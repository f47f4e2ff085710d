using System.Collections.Immutable;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>Which node statements are kept, and which are in force. Nothing of it depends on the order in which they came.</summary>
internal static class StatementRule
{
    /// <summary>Statements of a pool: a MiB of notes, and nodes of all orgs to find a module at.</summary>
    public const int MaxStatements = 1000;

    /// <summary>Statements of an org, revoked nodes among them: a fifth of what a pool has.</summary>
    public const int MaxOfOrg = 200;

    /// <summary>How far clocks may be apart.</summary>
    public static TimeSpan MaxAhead { get; } = TimeSpan.FromHours(1);

    /// <summary>By what statements are kept: one an org and identity. Orgs do not replace one another's.</summary>
    public static string KeyOf(NodeStatement statement) => PoolSyntax.Sha256($"{statement.Org}\n{statement.IdentityText}\n");

    /// <summary>Why a statement is not one of this pool now, in one sentence; null when it only takes the signature.</summary>
    public static string? Against(RootChain chain, NodeStatement statement, DateTimeOffset now) =>
        !string.Equals(statement.PoolId, chain.Id, StringComparison.Ordinal) ? "the node statement is for another pool"
        : chain.Tip.Find(statement.Org) is null ? $"the node statement is of {statement.Org}, which is no org of the pool"
        : statement.Expires <= now ? "the node statement has expired"
        : statement.Issued > now + MaxAhead ? "the node statement was issued in the future; compare the clocks"
        : null;

    /// <summary>The note with the org's good signature and no other line; null when the org did not sign.</summary>
    public static SignedNote? Good(PoolOrg org, SignedNote note)
    {
        var lines = 0;
        return note.IsSignedBy(org.Key) ? note.Without(line => !line.IsOf(org.Key.Name, org.Key.Hash) || lines++ > 0) : null;
    }

    /// <summary>Whether the first takes the place of the second one of the same org and identity.</summary>
    public static bool IsNewer(NodeStatement one, NodeStatement other) =>
        one.Issued != other.Issued ? one.Issued > other.Issued
        : one.IsRevoked != other.IsRevoked ? one.IsRevoked
        : string.CompareOrdinal(one.Sha256, other.Sha256) < 0;

    /// <summary>
    /// As many as are kept. Every org has its first before any has its second, so an org that says much takes nothing from others; of its own the
    /// revoked come first, as a node must not come back when its org makes more of them.
    /// </summary>
    public static ImmutableDictionary<string, SignedStatement> Bounded(ImmutableDictionary<string, SignedStatement> statements)
    {
        if (statements.Count <= MaxStatements
            && statements.Values.CountBy(one => one.Statement.Org, StringComparer.Ordinal).All(org => org.Value <= MaxOfOrg))
        {
            return statements;
        }

        var ranked = statements
            .GroupBy(one => one.Value.Statement.Org, StringComparer.Ordinal)
            .SelectMany(org => org
                .OrderByDescending(one => one.Value.Statement.IsRevoked)
                .ThenByDescending(one => one.Value.Statement.Issued)
                .ThenBy(one => one.Value.Statement.Sha256, StringComparer.Ordinal)
                .Take(MaxOfOrg)
                .Select((one, rank) => (one.Key, Org: org.Key, Rank: rank)))
            .OrderBy(one => one.Rank)
            .ThenBy(one => one.Org, StringComparer.Ordinal)
            .Take(MaxStatements)
            .Select(one => one.Key)
            .ToHashSet(StringComparer.Ordinal);
        return statements.RemoveRange(statements.Keys.Where(key => !ranked.Contains(key)));
    }

    /// <summary>Whose an identity is that several orgs call theirs.</summary>
    public static SignedStatement Holder(RootChain chain, IReadOnlyList<SignedStatement> claims) =>
        claims.Count == 1
            ? claims[0]
            : claims.OrderBy(one => chain.SinceOf(one.Statement.Org)).ThenBy(one => one.Statement.Org, StringComparer.Ordinal).First();

    /// <summary>
    /// Those in force now. An identity that two orgs call theirs is the one's that has been in the pool for longer, then the first by name: an org
    /// cannot take another's node by a newer statement.
    /// </summary>
    public static IReadOnlyList<SignedStatement> InForce(RootChain chain, IEnumerable<SignedStatement> statements, DateTimeOffset now) =>
    [
        .. statements
            .Where(one => !one.Statement.IsRevoked && Against(chain, one.Statement, now) is null)
            .GroupBy(one => one.Statement.IdentityText, StringComparer.Ordinal)
            .Select(claims => Holder(chain, [.. claims]))
            .OrderBy(one => one.Statement.Org, StringComparer.Ordinal)
            .ThenBy(one => one.Statement.Node, StringComparer.Ordinal)
            .ThenBy(one => one.Statement.IdentityText, StringComparer.Ordinal),
    ];
}
