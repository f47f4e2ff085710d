using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Provenance.LogKeys;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Mirrors;

/// <summary>
/// A log that went on under another key has to be the same tree: what was mirrored under the key before is compared with what is mirrored now. Both keys have signed the
/// heads since, so a difference is evidence of two histories.
/// </summary>
/// <param name="former">Of the key before.</param>
/// <param name="present">Of the key of now; the same node's.</param>
internal sealed class Continuation(Mirror former, Mirror present)
{
    /// <summary>True: the one continues the other. Otherwise the log under its present key is not followed any more.</summary>
    /// <exception cref="IOException">The mirrors cannot be read.</exception>
    public async Task<bool> HoldsAsync(CancellationToken cancellationToken)
    {
        if (former.Head is not { Tree.Size: > 0 } before || present.Head is not { Tree.Size: > 0 } now)
        {
            return true;
        }

        var (smaller, larger, by) = before.Tree.Size <= now.Tree.Size ? (before.Tree, now.Tree, present) : (now.Tree, before.Tree, former);
        var proof = await PrefixProof.ProveAsync(smaller.Size, larger.Size, by.HashesAt(larger.Size)!, cancellationToken);
        if (PrefixProof.RootOf(proof, smaller.Size, larger) == smaller.Root)
        {
            return true;
        }

        await present.RefuseAsync(
            EvidenceOf(before, now, smaller.Size == larger.Size ? [] : proof),
            $"under its key of before it had another history: a head of {before.Tree.Size} records of the log {former.Name} is not of the tree whose {now.Tree.Size} records it signs now",
            cancellationToken);
        return false;
    }

    /// <summary>Null when the head of now is not signed by the key before: the time of both keys is over.</summary>
    private byte[]? EvidenceOf(SignedHead before, SignedHead now, IReadOnlyList<MerkleHash> proof) =>
        SignedNote.Parse(before.Checkpoint.Span, out _) is { } one && SignedNote.Parse(now.Latest.Span, out _) is { } other && other.IsSignedBy(former.Key)
            ? Evidence.OfForkedLog(former.Key, one, other, proof)
            : null;
}
