using System.Security.Cryptography;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Provenance;

/// <summary>How zips are cut.</summary>
public sealed class ChunkRulesTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData((8 << 20) - 1, 0)]
    [InlineData(8 << 20, 8)]
    [InlineData((8 << 20) + 1, 9)]
    [InlineData(500L << 20, 500)]
    public void A_zip_is_cut_from_8_MiB_up(long size, int chunks) => Assert.Equal(chunks, ChunkRules.Count(size));

    [Fact]
    public void The_root_is_that_of_a_tree_whose_leaves_are_the_chunks_digests()
    {
        byte[][] digests = [SHA256.HashData("a"u8), SHA256.HashData("b"u8), SHA256.HashData("c"u8)];
        var leaves = digests.Select(digest => MerkleTree.LeafHash(digest)).ToList();
        Assert.Equal(Convert.ToHexStringLower(MerkleTree.Root(leaves).ToArray()), ChunkRules.RootOf([.. digests.SelectMany(digest => digest)]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void A_torn_list_of_digests_is_refused(int length) => Assert.Throws<ArgumentException>(() => ChunkRules.RootOf(new byte[length]));
}
