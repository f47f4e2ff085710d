using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Transparency;

/// <summary>What mirrors and witnesses make of a head that they meet.</summary>
public sealed class HeadComparisonTests
{
    private static readonly GrownTree Tree = new(200);
    private static readonly MerkleHash Other = GrownTree.Leaf(1000);

    [Fact]
    public async Task Heads_of_one_history_are_same_grown_or_older()
    {
        for (var known = 0; known <= 200; known += 7)
        {
            for (var met = 0; met <= 200; met += 5)
            {
                var proof = await ConsistencyProof.ProveAsync(Math.Min(known, met), Math.Max(known, met), Tree, default);
                var expected = known == met ? HeadChange.Same : known < met ? HeadChange.Grown : HeadChange.Older;
                Assert.Equal(expected, HeadComparison.Of(Tree.HeadAt(known), Tree.HeadAt(met), proof).Change);
            }
        }
    }

    [Fact]
    public void Two_roots_of_one_size_are_a_fork_whatever_proof_comes_along()
    {
        var known = Tree.HeadAt(100);
        var comparison = HeadComparison.Of(known, known with { Root = Other }, []);
        Assert.Equal(HeadChange.Forked, comparison.Change);
        Assert.Equal(known, comparison.Known);
        Assert.Equal(Other, comparison.Met.Root);
        Assert.Equal(HeadChange.Forked, HeadComparison.Of(known, known with { Root = Other }, [Other]).Change);
    }

    [Fact]
    public async Task A_proof_that_does_not_hold_says_neither_grown_nor_forked()
    {
        var proof = await ConsistencyProof.ProveAsync(100, 150, Tree, default);
        var (known, met) = (Tree.HeadAt(100), Tree.HeadAt(150));
        Assert.Equal(HeadChange.BadProof, HeadComparison.Of(known, met with { Root = Other }, proof).Change);
        Assert.Equal(HeadChange.BadProof, HeadComparison.Of(known with { Root = Other }, met, proof).Change);
        Assert.Equal(HeadChange.BadProof, HeadComparison.Of(met with { Root = Other }, known, proof).Change);
        Assert.Equal(HeadChange.BadProof, HeadComparison.Of(known, met, []).Change);
        Assert.Equal(HeadChange.BadProof, HeadComparison.Of(known, known, proof).Change);
        Assert.Equal(HeadChange.BadProof, HeadComparison.Of(known, met with { Size = long.MaxValue }, proof).Change);
        Assert.Equal(HeadChange.BadProof, HeadComparison.Of(known, met with { Size = -1 }, proof).Change);
    }

    [Fact]
    public async Task A_prefix_proof_shows_that_a_longer_head_has_another_history()
    {
        // Power of two: a consistency proof would start from the old root itself and could not tell who lies.
        foreach (var size in new[] { 64, 100 })
        {
            var forked = new TreeHead(size, Other);
            var head = Tree.HeadAt(200);
            var evidence = await PrefixProof.ProveAsync(size, 200, Tree, default);
            Assert.NotEqual(forked.Root, PrefixProof.RootOf(evidence, size, head)!.Value);
        }
    }

    [Fact]
    public void The_root_of_an_empty_tree_says_nothing()
    {
        Assert.Equal(HeadChange.Same, HeadComparison.Of(new TreeHead(0, default), new TreeHead(0, MerkleTree.Empty), []).Change);
        Assert.Equal(HeadChange.Grown, HeadComparison.Of(new TreeHead(0, Other), Tree.HeadAt(5), []).Change);
    }
}
