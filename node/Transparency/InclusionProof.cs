namespace Athens.Federation.Node.Transparency;

/// <summary>
/// Proof that a tree has a certain leaf at a certain place: the hashes beside the way up, the leaf's sibling first (RFC 6962, section 2.1.1;
/// the same hashes in the same order as RecordProof of golang.org/x/mod/sumdb/tlog and as in c2sp.org/tlog-proof).
/// </summary>
internal static class InclusionProof
{
    /// <param name="leaf">The leaf's number, from 0 on.</param>
    /// <param name="size">Leaves of the tree in which it is to be shown.</param>
    /// <param name="reader">Reads hashes of that tree or of a later one; asked once.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tree has no such leaf.</exception>
    public static ValueTask<MerkleHash[]> ProveAsync(long leaf, long size, IHashReader reader, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(leaf);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(leaf, size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, MerkleTree.MaxSize);
        return TreeRange.RootsAsync([.. TreePath.FromLeaf(leaf, size).Select(step => step.Range)], reader, cancellationToken);
    }

    /// <summary>True only when the proof shows the leaf in the head's tree. Any input is allowed; a hash too many or too few is no proof.</summary>
    public static bool Verify(IReadOnlyList<MerkleHash> proof, TreeHead head, long leaf, MerkleHash leafHash)
    {
        if (leaf < 0 || leaf >= head.Size || head.Size > MerkleTree.MaxSize || proof.Count > MerkleTree.MaxProofLength)
        {
            return false;
        }

        var steps = TreePath.FromLeaf(leaf, head.Size);
        if (steps.Count != proof.Count)
        {
            return false;
        }

        var hash = leafHash;
        for (var i = 0; i < steps.Count; i++)
        {
            hash = steps[i].IsLeft ? MerkleTree.NodeHash(proof[i], hash) : MerkleTree.NodeHash(hash, proof[i]);
        }

        return hash == head.Root;
    }
}
