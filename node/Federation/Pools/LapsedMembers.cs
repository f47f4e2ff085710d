using Athens.Federation.Node.Provenance.Pool;

namespace Athens.Federation.Node.Federation.Pools;

/// <summary>
/// Members whose statement ended because their organization has a new key. They are not believed, but talked with for a while: from whom else would they hear
/// of the root that has the new key, and we of the statements that it signs? Not thread safe.
/// </summary>
internal sealed class LapsedMembers(TimeProvider time)
{
    /// <summary>A node that is off for longer is invited again, or told by another of its organization.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromDays(7);

    private readonly Dictionary<string, (SignedStatement Member, DateTimeOffset Since)> lapsed = new(StringComparer.Ordinal);
    private PoolState? before;

    /// <summary>Those of now, after the pool has changed.</summary>
    public IReadOnlyList<NodeStatement> Of(PoolState? state)
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach (SignedStatement member in before?.Id == state?.Id ? before?.Members ?? [] : [])
        {
            if (HasNewKey(member.Statement.Org, state!))
            {
                lapsed.TryAdd(member.Statement.IdentityText, (member, now));
            }
        }

        before = state;
        foreach (string gone in lapsed.Where(one => !IsStill(one.Value.Member, one.Value.Since, state, now)).Select(static one => one.Key).ToList())
        {
            lapsed.Remove(gone);
        }

        return [.. lapsed.Values.Select(static one => one.Member.Statement)];
    }

    private bool HasNewKey(string org, PoolState state) =>
        state.Root.Find(org) is { } present && before!.Root.Find(org) is { } former && !present.Key.Equals(former.Key);

    /// <summary>Until there is a newer word of it, or its organization is gone.</summary>
    private static bool IsStill(SignedStatement member, DateTimeOffset since, PoolState? state, DateTimeOffset now) =>
        state is not null
        && now - since < Grace
        && state.Root.Find(member.Statement.Org) is not null
        && !state.Statements.Any(one => one.Statement.IdentityText == member.Statement.IdentityText && one.Statement.Issued > member.Statement.Issued);
}
