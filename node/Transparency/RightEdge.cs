namespace Athens.Federation.Node.Transparency;

/// <summary>
/// The complete subtrees at the right edge of a growing tree, at most one for each bit of its size: all that is needed to append leaves and
/// to tell the root. What a log keeps in memory between appends, and a mirror while it pulls leaves. Not thread safe.
/// </summary>
internal sealed class RightEdge
{
    private readonly List<MerkleHash> subtrees;

    /// <summary>The edge of an empty tree.</summary>
    public RightEdge()
        : this(0, [])
    {
    }

    private RightEdge(long size, IEnumerable<MerkleHash> subtrees)
    {
        Size = size;
        this.subtrees = [.. subtrees];
    }

    /// <summary>Leaves so far.</summary>
    public long Size { get; private set; }

    /// <summary>The root over all leaves so far (RFC 6962).</summary>
    public MerkleHash Root
    {
        get
        {
            if (subtrees.Count == 0)
            {
                return MerkleTree.Empty;
            }

            var root = subtrees[^1];
            for (var i = subtrees.Count - 2; i >= 0; i--)
            {
                root = MerkleTree.NodeHash(subtrees[i], root);
            }

            return root;
        }
    }

    public TreeHead Head => new(Size, Root);

    /// <summary>The edge of a tree whose hashes are stored: one read of at most 62 hashes.</summary>
    public static async ValueTask<RightEdge> ReadAsync(long size, IHashReader reader, CancellationToken cancellationToken) =>
        new(size, await TreeRange.HashesAsync(new TreeRange(0, size).Cover(), reader, cancellationToken));

    /// <summary>Another edge of the same leaves, which grows by itself: to undo appends that could not be made durable.</summary>
    public RightEdge Copy() => new(Size, subtrees);

    /// <summary>Appends one leaf.</summary>
    /// <param name="leaf">The leaf's hash.</param>
    /// <param name="stored">Gets the hashes that are to be stored: the leaf's, with the number
    /// <see cref="TreeNode.StoredCount"/> of the size before, and those of the subtrees it completes, with the numbers that follow.</param>
    /// <exception cref="InvalidOperationException">The tree has <see cref="MerkleTree.MaxSize"/> leaves.</exception>
    public void Append(MerkleHash leaf, ICollection<MerkleHash>? stored = null)
    {
        if (Size == MerkleTree.MaxSize)
        {
            throw new InvalidOperationException("The tree is full.");
        }

        stored?.Add(leaf);
        for (var size = Size; (size & 1) == 1; size >>= 1)
        {
            leaf = MerkleTree.NodeHash(subtrees[^1], leaf);
            subtrees.RemoveAt(subtrees.Count - 1);
            stored?.Add(leaf);
        }

        subtrees.Add(leaf);
        Size++;
    }
}
