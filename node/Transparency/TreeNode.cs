using System.Numerics;
using System.Runtime.InteropServices;

namespace Athens.Federation.Node.Transparency;

/// <summary>
/// The place of a complete subtree: level 0 are the leaves, and node n of level l covers the leaves n·2^l up to (n+1)·2^l. Its hash, once
/// complete, never changes; all of them in the order in which they become complete are the log's stored hashes, numbered from 0 on as
/// golang.org/x/mod/sumdb/tlog does (StoredHashIndex): leaf, then each subtree that the leaf completes, the smallest first.
/// </summary>
/// <param name="Level">0 to 62.</param>
/// <param name="Index">From 0 on.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TreeNode(int Level, long Index)
{
    private const int MaxLevel = 62;

    /// <summary>The first leaf below.</summary>
    public long FirstLeaf => Index << Level;

    /// <summary>The leaf after the last one below: the least size of a tree that has this subtree complete.</summary>
    public long End => (Index + 1) << Level;

    public bool IsLeft => (Index & 1) == 0;

    /// <summary>The subtree of which this one is a half.</summary>
    public TreeNode Parent => new(Level + 1, Index >> 1);

    /// <summary>The number of this subtree's hash among the stored hashes.</summary>
    /// <exception cref="InvalidOperationException">No tree of at most <see cref="MerkleTree.MaxSize"/> leaves has this subtree.</exception>
    public long StoredIndex => Exists
        ? StoredCount(End - 1) + Level
        : throw new InvalidOperationException($"No tree has a subtree {Index} at level {Level}.");

    private bool Exists => Level is >= 0 and <= MaxLevel && Index >= 0 && Index < MerkleTree.MaxSize >> Level;

    /// <summary>How many hashes a tree of this many leaves has stored: its complete subtrees. The next leaf's hash gets this number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No tree has that size.</exception>
    public static long StoredCount(long treeSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(treeSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(treeSize, MerkleTree.MaxSize);
        return (long)((2 * (ulong)treeSize) - (ulong)BitOperations.PopCount((ulong)treeSize));
    }

    /// <summary>The subtree whose hash has this number among the stored hashes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative, or no tree has it.</exception>
    public static TreeNode OfStored(long storedIndex)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(storedIndex);
        ArgumentOutOfRangeException.ThrowIfEqual(storedIndex, long.MaxValue);

        // The hash was stored with the last leaf whose own number is not larger. A tree of n leaves has stored 2n hashes less one for each
        // bit of n, so that leaf lies between index/2 and index/2 + 62.
        var leaf = storedIndex / 2;
        while (StoredCount(leaf + 1) <= storedIndex)
        {
            leaf++;
        }

        var level = (int)(storedIndex - StoredCount(leaf));
        return new TreeNode(level, leaf >> level);
    }

    /// <summary>For messages; the written out members would have no end, as every node has a parent.</summary>
    public override string ToString() => $"subtree {Index} of level {Level}";
}
