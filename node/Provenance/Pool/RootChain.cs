using System.Collections.Immutable;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>What an offer of a root came to.</summary>
/// <param name="Taken">For the one who offered it.</param>
/// <param name="Next">The chain from now on; null when it stays.</param>
/// <param name="Rival">The root of the same version that an org signed as well, for evidence.</param>
internal readonly record struct ChainOffer(PoolTaken Taken, RootChain? Next = null, SignedRoot? Rival = null);

/// <summary>
/// The roots of a pool from the first on. Of several followers of one root the highest version is the one, whenever it comes: what was signed later
/// is not undone by what was signed earlier and kept hidden. So all that have seen the same roots have the same chain. Never changes.
/// </summary>
internal sealed class RootChain
{
    /// <summary>Roots of a chain. Each change of a pool is one; at some 20 KiB for the largest, a chain is told in 20 MiB.</summary>
    public const int MaxRoots = 1000;

    private RootChain(ImmutableList<SignedRoot> roots) => Roots = roots;

    public ImmutableList<SignedRoot> Roots { get; }

    public PoolRoot Tip => Roots[^1].Root;

    /// <summary>The pool's.</summary>
    public string Id => Roots[0].Root.Sha256;

    /// <summary>Reads and checks a whole chain; or says in one sentence why it is none.</summary>
    /// <param name="poolId">What the first root must hash to; null takes any.</param>
    /// <param name="notes">From the first on, each following the one before it.</param>
    /// <param name="reason">One sentence.</param>
    public static RootChain? Read(string? poolId, IReadOnlyList<ReadOnlyMemory<byte>> notes, out string? reason)
    {
        if (notes.Count is 0 or > MaxRoots)
        {
            reason = $"the chain does not have 1 to {MaxRoots} roots";
            return null;
        }

        RootChain? chain = null;
        foreach (var bytes in notes)
        {
            var root = ReadRoot(bytes, out var note, out reason);
            if (root is null)
            {
                return null;
            }

            if (chain is null)
            {
                chain = First(poolId, root, note!, out reason);
            }
            else
            {
                var offer = chain.Offer(root, note!);
                reason = offer.Next is { } next && next.Roots.Count == chain.Roots.Count + 1 ? null : offer.Taken.Reason;
                chain = offer.Next;
            }

            if (chain is null || reason is not null)
            {
                reason ??= "the chain has a root twice";
                return null;
            }
        }

        reason = null;
        return chain;
    }

    /// <summary>Note and root of bytes that may be anybody's; null, and why, when they are none.</summary>
    public static PoolRoot? ReadRoot(ReadOnlyMemory<byte> bytes, out SignedNote? note, out string? reason)
    {
        note = SignedNote.Parse(bytes.Span, out reason);
        return note is null ? null : PoolRoot.Parse(note.Text, out reason);
    }

    /// <summary>Position of the root; -1 when it is not there.</summary>
    public int IndexOf(string? sha256) => Roots.FindLastIndex(one => string.Equals(one.Root.Sha256, sha256, StringComparison.Ordinal));

    /// <summary>Since which place in the chain the org has stood in it without a gap; <see cref="int.MaxValue"/> when it does not.</summary>
    public int SinceOf(string org)
    {
        var outside = Roots.FindLastIndex(one => one.Root.Find(org) is null);
        return outside == Roots.Count - 1 ? int.MaxValue : outside + 1;
    }

    /// <summary>Takes a root if it belongs here.</summary>
    public ChainOffer Offer(PoolRoot root, SignedNote note)
    {
        if (IndexOf(root.Sha256) is >= 0 and var known)
        {
            return Merge(known, note);
        }

        if (root.Previous is null)
        {
            return Refuse("the pool root is the first one of another pool");
        }

        var at = IndexOf(root.Previous);
        if (at < 0)
        {
            return Refuse("the pool root follows one that is not known here");
        }

        var parent = Roots[at].Root;
        if (RootRule.Against(parent, root) is { } reason)
        {
            return Refuse(reason);
        }

        var rival = at + 1 < Roots.Count ? Roots[at + 1] : null;
        if (rival?.Root.Version > root.Version)
        {
            return new ChainOffer(new PoolTaken(PoolEnd.Known, "a later change has taken the place of this root"));
        }

        if (RootRule.Good(parent, root, note) is not { } good)
        {
            return Refuse("the pool root is signed by no org of the pool");
        }

        var tally = RootRule.Tally(parent, root, good);
        return !tally.IsEnough ? Refuse($"the pool root is not signed by enough: {tally.Wanting}")
            : at + 1 >= MaxRoots ? Refuse($"the pool has had {MaxRoots} roots and cannot be changed any more; make a new pool")
            : rival?.Root.Version == root.Version ? Settle(at, new SignedRoot(root, good), rival, tally)
            : Adopt(at, new SignedRoot(root, good));
    }

    private static RootChain? First(string? poolId, PoolRoot root, SignedNote note, out string? reason)
    {
        var good = RootRule.Good(parent: null, root, note);
        reason = root.Previous is not null ? "the chain does not begin with a first root"
            : poolId is not null && !string.Equals(root.Sha256, poolId, StringComparison.Ordinal)
                ? "the chain is another pool's: its first root does not have the pool's id"
            : good is null || !RootRule.Tally(null, root, good).IsEnough ? "the first root is not signed by its orgs"
            : null;
        return reason is null ? new RootChain([new SignedRoot(root, good!)]) : null;
    }

    private static ChainOffer Refuse(string reason) => new(new PoolTaken(PoolEnd.Refused, reason));

    private ChainOffer Adopt(int at, SignedRoot root) =>
        new(new PoolTaken(PoolEnd.Taken, $"version {root.Root.Version} of the pool root holds now"), new RootChain([.. Roots.Take(at + 1), root]));

    /// <summary>
    /// Two of one version. If an org signed both, it broke its word: the first seen stays, and people decide. Otherwise two groups did, each by
    /// itself, which takes a threshold of half the orgs or fewer: then the lower hash is the one, for everybody.
    /// </summary>
    private ChainOffer Settle(int at, SignedRoot root, SignedRoot rival, RootTally tally)
    {
        var both = RootRule.Tally(Roots[at].Root, rival.Root, rival.Note).Old.Intersect(tally.Old, StringComparer.Ordinal).ToList();
        var reason = $"{string.Join(", ", both)} signed two pool roots of version {root.Root.Version}; the first one seen stays";
        return both.Count > 0 ? new ChainOffer(new PoolTaken(PoolEnd.Conflict, reason), Rival: rival)
            : string.CompareOrdinal(root.Root.Sha256, rival.Root.Sha256) < 0 ? Adopt(at, root)
            : new ChainOffer(new PoolTaken(PoolEnd.Known, "another change of the same version has taken the place of this root"));
    }

    private ChainOffer Merge(int at, SignedNote note)
    {
        var parent = at > 0 ? Roots[at - 1].Root : null;
        var known = Roots[at];
        var isFull = known.Note.Signatures.Count == SignedNote.MaxSignatures;
        return !isFull && RootRule.Fresh(known.Note, note) is { } fresh && RootRule.Good(parent, known.Root, fresh) is { } good
            ? new ChainOffer(
                new PoolTaken(PoolEnd.Taken, "further signatures of a known pool root"),
                new RootChain(Roots.SetItem(at, known with { Note = RootRule.Merged(known.Note, good) })))
            : new ChainOffer(new PoolTaken(PoolEnd.Known, "the pool root is known"));
    }
}
