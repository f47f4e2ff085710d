using System.Numerics;
using System.Runtime.InteropServices;

namespace Athens.Federation.Node.Transparency;

/// <summary>A step up from a place in a tree: the range beside it, whose hash a proof brings.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Sibling(TreeRange Range, bool IsLeft);

/// <summary>The ways up through a tree of any size that RFC 6962's proofs take, from the bottom to the root.</summary>
internal static class TreePath
{
    /// <summary>From one leaf (RFC 6962, section 2.1.1).</summary>
    public static List<Sibling> FromLeaf(long leaf, long size)
    {
        var steps = new List<Sibling>();
        var (low, high) = (0L, size);
        while (high - low > 1)
        {
            Descend(leaf, ref low, ref high, steps);
        }

        steps.Reverse();
        return steps;
    }

    /// <summary>From the right edge of the tree's first leaves (RFC 6962, section 2.1.2).</summary>
    /// <param name="prefix">How many first leaves, 1 to <paramref name="size"/>.</param>
    /// <param name="size">Leaves of the tree.</param>
    /// <param name="start">The subtree in which the way begins: the last of the prefix. When it begins at 0 it is the whole prefix.</param>
    public static List<Sibling> FromPrefix(long prefix, long size, out TreeRange start)
    {
        var steps = new List<Sibling>();
        var (low, high) = (0L, size);
        while (high != prefix)
        {
            Descend(prefix - 1, ref low, ref high, steps);
        }

        start = new TreeRange(low, high);
        steps.Reverse();
        return steps;
    }

    private static void Descend(long leaf, ref long low, ref long high, List<Sibling> steps)
    {
        // The left half is the largest power of two that leaves something for the right one.
        var middle = low + (1L << BitOperations.Log2((ulong)(high - low - 1)));
        if (leaf < middle)
        {
            steps.Add(new Sibling(new TreeRange(middle, high), IsLeft: false));
            high = middle;
        }
        else
        {
            steps.Add(new Sibling(new TreeRange(low, middle), IsLeft: true));
            low = middle;
        }
    }
}
