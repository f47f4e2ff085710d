using Athens.Federation.Node.Provenance.Pool;
using Google.Protobuf;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Pools;

/// <summary>
/// What one watcher has been told of the pool, and what it is told next. At once: roots, proposals, and statements of this node's own
/// organization and of those that the newest root added, so that whoever joins is known wherever the root is. All other statements are peer
/// exchange: few in a message, and messages a minute apart. Not thread safe.
/// </summary>
/// <param name="known">SHA-256, in hex, of roots that the watcher has.</param>
/// <param name="time">The clock.</param>
/// <param name="keeps">The <see cref="PoolState.StatementsDigest"/> of the watcher; null or empty when it did not say.</param>
internal sealed class PoolTelling(IEnumerable<string> known, TimeProvider time, ByteString? keeps = null)
{
    private readonly HashSet<string> roots = new(known, StringComparer.Ordinal);
    private readonly Dictionary<string, int> proposals = new(StringComparer.Ordinal);

    // All of its statements the watcher keeps, as it was told of them or said so; null while that is not known of any state.
    private PoolState? level;

    // Told since then, by what the note's text hashes to.
    private readonly HashSet<string> statements = new(StringComparer.Ordinal);
    private ByteString keeps = keeps ?? ByteString.Empty;
    private long? exchangedAt;

    /// <summary>When there is more to tell without anything new; null: not before something changes.</summary>
    public TimeSpan? NextIn { get; private set; }

    /// <summary>The watcher has been told all of this state.</summary>
    public bool IsLevel(PoolState state) => ReferenceEquals(level, state) && NextIn is null;

    /// <summary>What the watcher is to be told now.</summary>
    public IEnumerable<Wire.PoolNews> Take(PoolState state)
    {
        foreach (SignedRoot root in NewRoots(state))
        {
            yield return new Wire.PoolNews { Root = UnsafeByteOperations.UnsafeWrap(root.Note.ToBytes()) };
        }

        foreach (Proposal proposal in state.Proposals.Where(IsNew))
        {
            yield return new Wire.PoolNews { Proposal = UnsafeByteOperations.UnsafeWrap(proposal.Note.ToBytes()) };
        }

        foreach (Wire.PoolNews news in Statements(state))
        {
            yield return news;
        }
    }

    private IEnumerable<SignedRoot> NewRoots(PoolState state)
    {
        int at = state.Chain.Count;
        while (at > 0 && !roots.Contains(state.Chain[at - 1].Root.Sha256))
        {
            at--;
        }

        foreach (SignedRoot root in state.Chain.Skip(at))
        {
            roots.Add(root.Root.Sha256);
            yield return root;
        }
    }

    private bool IsNew(Proposal proposal)
    {
        int signatures = proposal.Note.Signatures.Count;
        if (proposals.TryGetValue(proposal.Id, out int told) && told >= signatures)
        {
            return false;
        }

        proposals[proposal.Id] = signatures;
        return true;
    }

    private IEnumerable<Wire.PoolNews> Statements(PoolState state)
    {
        Forget(state);
        SkipKept(state);
        HashSet<string> urgent = Urgent(state);
        SignedStatement[] untold = [.. state.Statements.Where(statement => !IsKept(statement.Statement.Sha256))];
        foreach (SignedStatement[] some in untold.Where(one => urgent.Contains(one.Statement.Org)).Chunk(PoolBounds.MaxStatements))
        {
            yield return Tell(some);
        }

        SignedStatement[] others = [.. untold.Where(one => !urgent.Contains(one.Statement.Org))];
        NextIn = null;
        if (others.Length > 0 && Pause() is var pause && pause <= TimeSpan.Zero)
        {
            exchangedAt = time.GetTimestamp();
            yield return Tell(others.AsSpan(0, Math.Min(others.Length, PoolBounds.MaxStatements)).ToArray());
            others = others[Math.Min(others.Length, PoolBounds.MaxStatements)..];
        }

        if (others.Length == 0)
        {
            // A set of its own for each of a thousand watchers would be as large as the pool's.
            level = state;
            statements.Clear();
        }
        else
        {
            NextIn = Pause() is { Ticks: > 0 } left ? left : TimeSpan.FromMilliseconds(1);
        }
    }

    private TimeSpan Pause() => exchangedAt is { } at ? PoolBounds.BetweenExchanges - time.GetElapsedTime(at) : TimeSpan.Zero;

    private Wire.PoolNews Tell(SignedStatement[] some)
    {
        Wire.PoolNews news = new();
        foreach (SignedStatement statement in some)
        {
            statements.Add(statement.Statement.Sha256);
            news.Statements.Add(UnsafeByteOperations.UnsafeWrap(statement.Note.ToBytes()));
        }

        return news;
    }

    /// <summary>
    /// Who keeps the same is told of no statement that is kept now. In a large pool a node that comes back would else be told a thousand statements by a thousand peers.
    /// </summary>
    private void SkipKept(PoolState state)
    {
        if (!keeps.IsEmpty && keeps.Span.SequenceEqual(state.StatementsDigest.Span))
        {
            level = state;
        }

        keeps = ByteString.Empty;
    }

    private bool IsKept(string statement) => level?.Keeps(statement) == true || statements.Contains(statement);

    /// <summary>What the pool has no more is not remembered either.</summary>
    private void Forget(PoolState state)
    {
        statements.IntersectWith(state.Statements.Select(static statement => statement.Statement.Sha256));
        HashSet<string> open = [.. state.Proposals.Select(static proposal => proposal.Id)];
        foreach (string gone in proposals.Keys.Where(id => !open.Contains(id)).ToList())
        {
            proposals.Remove(gone);
        }
    }

    private static HashSet<string> Urgent(PoolState state)
    {
        HashSet<string> urgent = [state.OwnOrg];
        if (state.Chain.Count > 1)
        {
            PoolRoot before = state.Chain[^2].Root;
            urgent.UnionWith(state.Root.Orgs.Select(static org => org.Name).Where(org => before.Find(org) is null));
        }

        return urgent;
    }
}
