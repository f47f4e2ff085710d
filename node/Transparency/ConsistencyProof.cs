namespace Athens.Federation.Node.Transparency;

/// <summary>
/// Proof that the leaves of an older tree are the first leaves of a newer one (RFC 6962, section 2.1.2; the same hashes in the same order as
/// TreeProof of golang.org/x/mod/sumdb/tlog and as c2sp.org/tlog-witness sends them). That a proof does not hold proves nothing about the
/// log, as anybody can make a bad proof: for that there is <see cref="PrefixProof"/>.
/// </summary>
internal static class ConsistencyProof
{
    /// <summary>The proof; empty when the older tree is empty or both are the same.</summary>
    /// <param name="oldSize">Leaves of the older tree.</param>
    /// <param name="newSize">Leaves of the newer tree.</param>
    /// <param name="reader">Reads hashes of the newer tree or of a later one; asked once.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative, or the older tree is larger.</exception>
    public static async ValueTask<MerkleHash[]> ProveAsync(long oldSize, long newSize, IHashReader reader, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(oldSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(oldSize, newSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(newSize, MerkleTree.MaxSize);
        if (oldSize == 0)
        {
            return [];
        }

        var steps = TreePath.FromPrefix(oldSize, newSize, out var start).Select(step => step.Range);
        return await TreeRange.RootsAsync([.. start.Low == 0 ? steps : steps.Prepend(start)], reader, cancellationToken);
    }

    /// <summary>
    /// True only when the proof shows that <paramref name="newer"/> begins with all of <paramref name="older"/>. Any input is allowed; a hash
    /// too many or too few is no proof. Everything begins with an empty tree, whatever root was written for it; the proof is then empty.
    /// </summary>
    public static bool Verify(IReadOnlyList<MerkleHash> proof, TreeHead older, TreeHead newer)
    {
        if (older.Size < 0 || older.Size > newer.Size || newer.Size > MerkleTree.MaxSize || proof.Count > MerkleTree.MaxProofLength)
        {
            return false;
        }

        if (older.Size == 0)
        {
            return proof.Count == 0;
        }

        var steps = TreePath.FromPrefix(older.Size, newer.Size, out var start);
        var known = start.Low == 0 ? 0 : 1;
        if (proof.Count != steps.Count + known)
        {
            return false;
        }

        var oldRoot = known == 0 ? older.Root : proof[0];
        var newRoot = oldRoot;
        for (var i = 0; i < steps.Count; i++)
        {
            var beside = proof[known + i];
            oldRoot = steps[i].IsLeft ? MerkleTree.NodeHash(beside, oldRoot) : oldRoot;
            newRoot = steps[i].IsLeft ? MerkleTree.NodeHash(beside, newRoot) : MerkleTree.NodeHash(newRoot, beside);
        }

        return oldRoot == older.Root && newRoot == newer.Root;
    }
}
