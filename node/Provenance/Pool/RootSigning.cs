using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>
/// What this node's org key signs: changes that it proposes, and those of others that a person approved. Only ever higher versions on one root.
/// </summary>
internal static class RootSigning
{
    /// <summary>
    /// Versions so far ahead that others propose do not count when the next one is chosen, and are not signed at twice as far: or one org could use
    /// up what <see cref="RootRule.MaxStep"/> leaves.
    /// </summary>
    private const long MaxHeeded = RootRule.MaxStep / 3;

    public static PoolStep Propose(
        PoolContent was, Func<PoolRoot, PoolRoot> change, SigningKey key, SignedVersions signed, DateTimeOffset now, out Proposal? proposal)
    {
        proposal = null;
        var parent = was.Chain.Tip;
        if (!IsOf(parent, key))
        {
            return PoolStep.Refuse($"the key {key.Name} is of no org of the pool");
        }

        PoolRoot root;
        try
        {
            var draft = change(parent);
            if (draft.Expires <= now)
            {
                return PoolStep.Refuse("the pool root has expired: renew it in the same change");
            }

            if (draft.Text == parent.Text)
            {
                return PoolStep.Refuse("this changes nothing");
            }

            root = draft.Following(parent, NextVersion(was, key, signed), PoolSyntax.Whole(now));
        }
        catch (InvalidOperationException error)
        {
            return PoolStep.Refuse(error.Message.TrimEnd('.'));
        }

        proposal = ProposalRule.Of(parent, root, SignedNote.Parse(Signed(was, root, key, signed, out var step, now), out _)!);
        return step;
    }

    public static PoolStep Sign(PoolContent was, string id, SigningKey key, SignedVersions signed, DateTimeOffset now)
    {
        var found = was.Proposals.Values.Where(one => id.Length >= PoolBook.ShownDigits && one.Id.StartsWith(id, StringComparison.Ordinal)).ToList();
        if (found.Count != 1)
        {
            return PoolStep.Refuse(
                "there is no such proposal, or more than one whose id begins so; it may hold already, or another change may have come before it");
        }

        var root = found[0].Root;
        var parent = was.Chain.Tip;
        if (!IsOf(parent, key) && !IsOf(root, key))
        {
            return PoolStep.Refuse($"the key {key.Name} is of no org of the pool, nor of one that the proposal brings in");
        }

        if (found[0].Note.IsSignedBy(key.Verifier))
        {
            return PoolStep.Known("this org has signed the proposal already");
        }

        var reason = root.Version - parent.Version > 2 * MaxHeeded ? "the proposal's version is too far ahead; ask for it to be proposed again"
            : SignedElsewhere(was, key) > root.Version ? "this org has signed a proposal of a higher version; propose this change anew"
            : signed.Against(parent, root, key);
        if (reason is not null)
        {
            return PoolStep.Refuse(reason);
        }

        Signed(was, root, key, signed, out var step, now);
        return step;
    }

    private static bool IsOf(PoolRoot root, SigningKey key) =>
        root.Orgs.Any(org => org.Key.Name == key.Name && org.Key.PublicKey.Span.SequenceEqual(key.PublicKey.Span));

    /// <summary>What is signed is remembered first; then the signature is made and taken like anybody's.</summary>
    private static byte[] Signed(PoolContent was, PoolRoot root, SigningKey key, SignedVersions signed, out PoolStep step, DateTimeOffset now)
    {
        signed.Remember(was.Chain.Tip, root, key);
        var note = SignedNote.Sign(root.Text, key);
        step = was.TakeProposal(note, now);
        return note;
    }

    private static long NextVersion(PoolContent was, SigningKey key, SignedVersions signed)
    {
        var parent = was.Chain.Tip;
        var heeded = was.Proposals.Values
            .Select(one => one.Root.Version)
            .Where(version => version - parent.Version <= MaxHeeded)
            .Append(parent.Version)
            .Max();
        return 1 + Math.Max(heeded, Math.Max(signed.Highest(parent, key), SignedElsewhere(was, key)));
    }

    /// <summary>The highest version of a proposal that the key signed, here or on another machine; 0 when there is none.</summary>
    private static long SignedElsewhere(PoolContent was, SigningKey key) =>
        was.Proposals.Values
            .Where(one => one.Note.Signatures.Any(line => line.IsOf(key.Name, key.Verifier.Hash)))
            .Select(one => one.Root.Version)
            .DefaultIfEmpty(0)
            .Max();
}
