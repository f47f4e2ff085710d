using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Transparency;

/// <summary>The numbering of stored hashes, which must be Go's (golang.org/x/mod/sumdb/tlog).</summary>
public sealed class TreeNodeTests
{
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 1, 1)]
    [InlineData(1, 0, 2)]
    [InlineData(0, 2, 3)]
    [InlineData(0, 3, 4)]
    [InlineData(1, 1, 5)]
    [InlineData(2, 0, 6)]
    [InlineData(0, 4, 7)]
    public void Hashes_are_numbered_as_they_become_complete(int level, long index, long stored)
    {
        Assert.Equal(stored, new TreeNode(level, index).StoredIndex);
    }

    [Fact]
    public void Place_and_number_are_each_others_inverse()
    {
        for (var level = 0; level < 12; level++)
        {
            for (var index = 0L; index < 300; index++)
            {
                var node = new TreeNode(level, index);
                Assert.Equal(node, TreeNode.OfStored(node.StoredIndex));
            }
        }

        for (var stored = 0L; stored < 5000; stored++)
        {
            Assert.Equal(stored, TreeNode.OfStored(stored).StoredIndex);
        }
    }

    [Fact]
    public void Numbers_hold_up_to_the_largest_tree()
    {
        var random = new Random(62);
        for (var i = 0; i < 10_000; i++)
        {
            var stored = random.NextInt64(long.MaxValue);
            Assert.Equal(stored, TreeNode.OfStored(stored).StoredIndex);
        }

        Assert.Equal(new TreeNode(62, 0), TreeNode.OfStored(long.MaxValue - 1));
        Assert.Equal(long.MaxValue, TreeNode.StoredCount(MerkleTree.MaxSize));
        Assert.Equal(long.MaxValue - 1, new TreeNode(62, 0).StoredIndex);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, -1)]
    [InlineData(63, 0)]
    [InlineData(62, 1)]
    [InlineData(0, 1L << 62)]
    [InlineData(0, long.MaxValue)]
    [InlineData(int.MaxValue, 0)]
    public void What_no_tree_has_is_refused(int level, long index)
    {
        Assert.Throws<InvalidOperationException>(() => new TreeNode(level, index).StoredIndex);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void Numbers_that_no_hash_has_are_refused(long number)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => TreeNode.OfStored(number));
        Assert.Throws<ArgumentOutOfRangeException>(() => TreeNode.StoredCount(number));
    }

    [Fact]
    public void A_cover_is_complete_without_overlap_and_as_short_as_can_be()
    {
        for (var low = 0; low < 70; low++)
        {
            for (var high = low; high < 140; high++)
            {
                var next = (long)low;
                TreeNode? last = null;
                foreach (var node in new TreeRange(low, high).Cover())
                {
                    Assert.Equal(next, node.FirstLeaf);
                    Assert.False(last is { IsLeft: true } left && left.Parent == node.Parent, "two halves stand where their parent would do");
                    (next, last) = (node.End, node);
                }

                Assert.Equal(high, next);
            }
        }
    }

    [Fact]
    public async Task An_edge_read_from_stored_hashes_grows_like_the_one_that_made_them()
    {
        var tree = new GrownTree(300);
        for (var size = 0; size < 300; size++)
        {
            var edge = await RightEdge.ReadAsync(size, tree, default);
            Assert.Equal(tree.HeadAt(size), edge.Head);
            var copy = edge.Copy();
            var stored = new List<MerkleHash>();
            edge.Append(GrownTree.Leaf(size), stored);
            Assert.Equal(tree.Stored.Skip((int)TreeNode.StoredCount(size)).Take(stored.Count), stored);
            Assert.Equal(TreeNode.StoredCount(size + 1), TreeNode.StoredCount(size) + stored.Count);
            Assert.Equal(tree.HeadAt(size + 1), edge.Head);
            Assert.Equal(tree.HeadAt(size), copy.Head);
        }
    }

    [Fact]
    public void A_hundred_thousand_leaves_leave_an_edge_of_at_most_seventeen_subtrees()
    {
        var tree = new GrownTree(100_000);
        Assert.Equal(TreeNode.StoredCount(100_000), tree.Stored.Count);
        Assert.Equal(System.Numerics.BitOperations.PopCount(100_000), new TreeRange(0, 100_000).Cover().Count());
        Assert.Equal(tree.HeadAt(100_000), tree.Head);
    }
}
