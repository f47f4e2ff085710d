namespace Athens.Federation.Node.Transparency;

/// <summary>
/// Tells, for good and to anybody, which root a signed tree had when it was smaller: the complete subtrees that make up its first leaves,
/// then those that make up the rest. Unlike a <see cref="ConsistencyProof"/> it does not lean on the older head, so together with a head
/// of that size and another root it is evidence of a fork that nobody but the log's own key can have caused.
/// </summary>
internal static class PrefixProof
{
    /// <summary>Hashes in the longest such proof: two covers of at most two subtrees for each of 62 levels.</summary>
    public const int MaxLength = 4 * 62;

    /// <param name="prefix">How many first leaves, 0 to <paramref name="size"/>.</param>
    /// <param name="size">Leaves of the tree.</param>
    /// <param name="reader">Reads hashes of that tree; asked once.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative, or the prefix is larger than the tree.</exception>
    public static ValueTask<MerkleHash[]> ProveAsync(long prefix, long size, IHashReader reader, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(prefix);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(prefix, size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, MerkleTree.MaxSize);
        return TreeRange.HashesAsync(Nodes(prefix, size), reader, cancellationToken);
    }

    /// <summary>The root over the first leaves of the head's tree, or null when the proof does not belong to that head. Any input is allowed.</summary>
    public static MerkleHash? RootOf(IReadOnlyList<MerkleHash> proof, long prefix, TreeHead head)
    {
        if (prefix < 0 || prefix > head.Size || head.Size is 0 or > MerkleTree.MaxSize || proof.Count > MaxLength)
        {
            return null;
        }

        TreeNode[] nodes = [.. Nodes(prefix, head.Size)];
        MerkleHash[] hashes = [.. proof];
        if (nodes.Length != hashes.Length || TreeRange.Fold(nodes, hashes) != head.Root)
        {
            return null;
        }

        var first = nodes.Count(node => node.End <= prefix);
        return TreeRange.Fold(nodes.AsSpan(0, first), hashes.AsSpan(0, first));
    }

    private static IEnumerable<TreeNode> Nodes(long prefix, long size) =>
        new TreeRange(0, prefix).Cover().Concat(new TreeRange(prefix, size).Cover());
}
