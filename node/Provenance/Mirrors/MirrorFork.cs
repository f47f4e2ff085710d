using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Mirrors;

/// <summary>Two histories that one log key signed: whoever has this can prove it to anybody.</summary>
/// <param name="Key">The log's.</param>
/// <param name="Smaller">A signed head.</param>
/// <param name="Larger">Another one of at least as many leaves.</param>
/// <param name="Proof">Shows (<see cref="PrefixProof"/>) that the larger tree had another root when it was as small as the smaller one. Empty when both are of one size.</param>
internal sealed record MirrorFork(NoteVerifier Key, SignedHead Smaller, SignedHead Larger, IReadOnlyList<MerkleHash> Proof)
{
    /// <summary>The fork, or null when these three do not prove one.</summary>
    public static MirrorFork? Of(NoteVerifier key, SignedHead one, SignedHead other, IReadOnlyList<MerkleHash> proof)
    {
        var (smaller, larger) = one.Tree.Size <= other.Tree.Size ? (one, other) : (other, one);
        if (smaller.Tree.Size == larger.Tree.Size)
        {
            // The two notes say it all.
            return smaller.Tree.Root != larger.Tree.Root && smaller.Tree.Size > 0 ? new MirrorFork(key, smaller, larger, []) : null;
        }

        return smaller.Tree.Size > 0 && PrefixProof.RootOf(proof, smaller.Tree.Size, larger.Tree) is { } root && root != smaller.Tree.Root
            ? new MirrorFork(key, smaller, larger, proof)
            : null;
    }

    /// <summary>The fork as evidence that anybody can check.</summary>
    public byte[] ToEvidence() => Evidence.OfForkedLog(Key, NoteOf(Smaller), NoteOf(Larger), Proof);

    private static SignedNote NoteOf(SignedHead head) =>
        SignedNote.Parse(head.Checkpoint.Span, out var reason) ?? throw new InvalidOperationException($"A head that was read before is none: {reason}");
}
