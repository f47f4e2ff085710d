using System.Runtime.InteropServices;

namespace Athens.Federation.Node.Transparency;

/// <summary>
/// A stretch of up to 256 neighbouring hashes of one level, as logs are served and cached (c2sp.org/tlog-tiles; height 8 in
/// golang.org/x/mod/sumdb/tlog, the only height that Go's clients ask for). A tile of level l has hashes of subtrees of 256^l leaves; the
/// seven levels between are hashed from it when needed. Full tiles never change.
/// </summary>
/// <param name="Level">0 to 7, or <see cref="Records"/> for what the leaves of a level 0 tile were made from.</param>
/// <param name="Index">The tile's number in its level, from 0 on.</param>
/// <param name="Width">Hashes in it, 1 to 256; less than 256 only at the right edge of a tree.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Tile(int Level, long Index, int Width)
{
    public const int Height = 8;
    public const int FullWidth = 1 << Height;

    /// <summary>Stands for a level where records are meant instead of hashes: Go's tile/8/data, C2SP's tile/entries.</summary>
    public const int Records = -1;

    /// <summary>A tree of <see cref="MerkleTree.MaxSize"/> leaves has its root in a tile of this level.</summary>
    public const int MaxLevel = 7;

    public bool IsFull => Width == FullWidth;

    /// <summary>Bytes of a tile of hashes.</summary>
    public int Size => Width * MerkleHash.Size;

    /// <summary>The subtree whose hash is the tile's first; the others follow it on the same level.</summary>
    public TreeNode First => new(Level * Height, Index * FullWidth);

    /// <summary>The tile that holds a subtree's hash, or what it is hashed from, as wide as it is in a tree of this size.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A tree of that size does not have that subtree complete.</exception>
    public static Tile Holding(TreeNode node, long treeSize)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(node.End, treeSize, nameof(node));
        var level = node.Level / Height;
        return Find(level, node.FirstLeaf >> (Height * level) >> Height, treeSize)!.Value;
    }

    /// <summary>The tile as wide as it is in a tree of this size, or null when that tree does not have it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No tree has such a level.</exception>
    public static Tile? Find(int level, long index, long treeSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(level, Records);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, MaxLevel);
        var width = treeSize >> (Height * Math.Max(level, 0));
        return index < 0 || index > (width - 1) >> Height ? null : new Tile(level, index, (int)Math.Min(width - (index << Height), FullWidth));
    }

    /// <summary>Whether a tree of this size has the tile, or had it on its way there.</summary>
    public bool IsWithin(long treeSize) => Find(Level, Index, treeSize) is { } whole && Width <= whole.Width;

    /// <summary>
    /// The hash tiles that a tree has when it grows from one size to another and did not have before, each as wide as it now is, from the
    /// lowest level up. A tile that was there narrower is new. For records take the tiles of level 0.
    /// </summary>
    public static IEnumerable<Tile> Grown(long oldSize, long newSize)
    {
        for (var level = 0; level <= MaxLevel; level++)
        {
            var (before, after) = (oldSize >> (Height * level), newSize >> (Height * level));
            if (before == after)
            {
                yield break;
            }

            for (var index = before >> Height; index << Height < after; index++)
            {
                yield return new Tile(level, index, (int)Math.Min(after - (index << Height), FullWidth));
            }
        }
    }

    /// <summary>The tile's C2SP name.</summary>
    public override string ToString() => TilePath.Format(this);
}
