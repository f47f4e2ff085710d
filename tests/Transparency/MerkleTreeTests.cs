using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Transparency;

/// <summary>RFC 6962 hashes against the roots of Certificate Transparency's own test tree (eight leaves).</summary>
public sealed class MerkleTreeTests
{
    private static readonly string[] Leaves =
    [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    ];

    [Theory]
    [InlineData(0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData(1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")]
    [InlineData(2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    [InlineData(3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77")]
    [InlineData(4, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    [InlineData(5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4")]
    [InlineData(6, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef")]
    [InlineData(7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c")]
    [InlineData(8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")]
    public void Roots_are_those_of_the_test_tree_of_certificate_transparency(int leaves, string root)
    {
        var hashes = Leaves.Take(leaves).Select(leaf => MerkleTree.LeafHash(Convert.FromHexString(leaf))).ToList();
        Assert.Equal(root, Convert.ToHexStringLower(MerkleTree.Root(hashes).ToArray()));
    }

    [Fact]
    public void A_hash_of_another_length_is_refused()
    {
        Assert.Throws<ArgumentException>(() => MerkleHash.Of(new byte[31]));
        Assert.Throws<ArgumentException>(() => MerkleHash.Of(new byte[33]));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("TszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=", true)]
    [InlineData("TszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb1=", false)] // stray bits at the end
    [InlineData("TszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0", false)]
    [InlineData("TszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=\n", false)]
    [InlineData("TszzRgjTG6xce-z2AG31kAXYKBgQVtCSCE40HmuwBb0=", false)]
    [InlineData("TszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBbTO", false)] // 33 bytes
    [InlineData(" szzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=", false)]
    public void A_hash_has_one_text(string text, bool right)
    {
        Assert.Equal(right, MerkleHash.TryParse(text, out var hash));
        Assert.True(!right || (hash.ToString() == text && hash == MerkleTree.LeafHash("hello world"u8)));
    }

    [Theory]
    [InlineData(1022)]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(100_000)]
    public void A_leaf_of_any_size_is_hashed_alike(int size)
    {
        var data = new byte[size];
        new Random(size).NextBytes(data);
        Assert.Equal(MerkleHash.Of(System.Security.Cryptography.SHA256.HashData([0, .. data])), MerkleTree.LeafHash(data));
    }

    [Fact]
    public void Every_size_agrees_with_the_recursion_of_the_rfc()
    {
        var edge = new RightEdge();
        for (var size = 1; size <= 300; size++)
        {
            edge.Append(GrownTree.Leaf(size - 1));
            Assert.Equal(size, edge.Size);
            Assert.Equal(GrownTree.Recursive(0, size), edge.Root);
        }
    }
}
