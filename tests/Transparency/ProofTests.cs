using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Transparency;

/// <summary>Inclusion, consistency and prefix proofs: those of Certificate Transparency's test tree, every size up to 300, every bit flipped.</summary>
public sealed class ProofTests
{
    private static readonly string[] CtLeaves =
    [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    ];

    private static readonly GrownTree Tree = new(300);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(
        0, 8,
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4")]
    [InlineData(
        5, 8,
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    [InlineData(2, 3, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    [InlineData(
        1, 5,
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b")]
    public async Task Inclusion_proofs_are_those_of_certificate_transparency(int leaf, int size, params string[] proof)
    {
        Assert.Equal(proof, Hex(await InclusionProof.ProveAsync(leaf, size, CtTree(size), default)));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(
        1, 8,
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4")]
    [InlineData(
        6, 8,
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    [InlineData(
        2, 5,
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b")]
    public async Task Consistency_proofs_are_those_of_certificate_transparency(int older, int newer, params string[] proof)
    {
        Assert.Equal(proof, Hex(await ConsistencyProof.ProveAsync(older, newer, CtTree(newer), default)));
    }

    [Fact]
    public async Task Every_leaf_of_every_tree_is_proven_and_nothing_else_is()
    {
        for (var size = 1; size <= 300; size += size < 100 ? 1 : 23)
        {
            var head = Tree.HeadAt(size);
            for (var leaf = 0; leaf < size; leaf++)
            {
                var proof = await InclusionProof.ProveAsync(leaf, size, Tree, default);
                Assert.True(InclusionProof.Verify(proof, head, leaf, GrownTree.Leaf(leaf)), $"{leaf} of {size}");
                Assert.False(InclusionProof.Verify(proof, head, leaf, GrownTree.Leaf(leaf + 1)));
                Assert.False(InclusionProof.Verify([.. proof, default], head, leaf, GrownTree.Leaf(leaf)));
                Assert.False(InclusionProof.Verify(proof, head with { Size = 0 }, leaf, GrownTree.Leaf(leaf)));
                if (size > 1)
                {
                    Assert.False(InclusionProof.Verify(proof[1..], head, leaf, GrownTree.Leaf(leaf)));
                    Assert.False(InclusionProof.Verify(proof, head, (leaf + 1) % size, GrownTree.Leaf(leaf)));
                }
            }
        }
    }

    [Fact]
    public async Task Every_beginning_of_every_tree_is_proven_and_nothing_else_is()
    {
        for (var size = 1; size <= 300; size += size < 130 ? 1 : 17)
        {
            var head = Tree.HeadAt(size);
            for (var older = 0; older <= size; older++)
            {
                var proof = await ConsistencyProof.ProveAsync(older, size, Tree, default);
                var before = Tree.HeadAt(older);
                Assert.True(ConsistencyProof.Verify(proof, before, head), $"{older} in {size}");
                Assert.False(ConsistencyProof.Verify([.. proof, default], before, head));
                if (older > 0)
                {
                    Assert.False(ConsistencyProof.Verify(proof, before with { Root = GrownTree.Leaf(900) }, head));
                    Assert.False(ConsistencyProof.Verify(proof, before, head with { Root = GrownTree.Leaf(900) }));
                }

                var prefix = await PrefixProof.ProveAsync(older, size, Tree, default);
                Assert.True(prefix.Length <= PrefixProof.MaxLength);
                Assert.Equal(before.Root, PrefixProof.RootOf(prefix, older, head));
                Assert.Null(PrefixProof.RootOf(prefix, older, head with { Root = GrownTree.Leaf(900) }));
                Assert.Null(PrefixProof.RootOf([.. prefix, default], older, head));
            }
        }
    }

    [Fact]
    public async Task A_proof_with_any_bit_flipped_proves_nothing()
    {
        var random = new Random(6962);
        for (var round = 0; round < 12; round++)
        {
            var size = random.Next(2, 301);
            var leaf = random.Next(size);
            var older = random.Next(1, size);
            var head = Tree.HeadAt(size);
            var inclusion = await InclusionProof.ProveAsync(leaf, size, Tree, default);
            var consistency = await ConsistencyProof.ProveAsync(older, size, Tree, default);
            var prefix = await PrefixProof.ProveAsync(older, size, Tree, default);
            Assert.All(Flipped(inclusion), bad => Assert.False(InclusionProof.Verify(bad, head, leaf, GrownTree.Leaf(leaf))));
            Assert.All(Flipped(consistency), bad => Assert.False(ConsistencyProof.Verify(bad, Tree.HeadAt(older), head)));
            Assert.All(Flipped(prefix), bad => Assert.Null(PrefixProof.RootOf(bad, older, head)));
        }
    }

    [Fact]
    public async Task One_proof_asks_its_reader_once()
    {
        var tree = new GrownTree(299);
        await InclusionProof.ProveAsync(123, 299, tree, default);
        Assert.Equal(1, tree.Reads);
        await ConsistencyProof.ProveAsync(123, 299, tree, default);
        Assert.Equal(2, tree.Reads);
        await InclusionProof.ProveAsync(0, 1, tree, default);
        Assert.Equal(2, tree.Reads);
    }

    [Theory]
    [InlineData(long.MinValue, 5)]
    [InlineData(-1, 5)]
    [InlineData(5, 5)]
    [InlineData(long.MaxValue, long.MaxValue)]
    [InlineData(0, long.MaxValue)]
    [InlineData(0, (1L << 62) + 1)]
    [InlineData(0, long.MinValue)]
    [InlineData(0, 0)]
    public async Task Absurd_numbers_are_never_proven(long leaf, long size)
    {
        var many = new MerkleHash[64];
        var head = new TreeHead(size, default);
        Assert.False(InclusionProof.Verify([], head, leaf, default));
        Assert.False(InclusionProof.Verify(many, head, leaf, default));
        Assert.False(ConsistencyProof.Verify(many, new TreeHead(leaf, default), head));
        Assert.Null(PrefixProof.RootOf(many, leaf, head));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await InclusionProof.ProveAsync(leaf, size, Tree, default));
    }

    [Fact]
    public void Proofs_in_the_largest_tree_have_the_length_that_the_rfc_says()
    {
        var (hash, proof) = (default(MerkleHash), new MerkleHash[62]);
        foreach (var _ in proof)
        {
            hash = MerkleTree.NodeHash(hash, default);
        }

        Assert.True(InclusionProof.Verify(proof, new TreeHead(MerkleTree.MaxSize, hash), 0, default));
        Assert.False(InclusionProof.Verify(new MerkleHash[100_000], new TreeHead(MerkleTree.MaxSize, hash), 0, default));
        Assert.Equal(63, ConsistencyProofLength(MerkleTree.MaxSize - 1, MerkleTree.MaxSize));
    }

    [Fact]
    public async Task A_reader_that_gives_too_few_hashes_is_a_defect()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await InclusionProof.ProveAsync(3, 9, new Short(), default));
    }

    private static int ConsistencyProofLength(long older, long newer)
    {
        var steps = TreePath.FromPrefix(older, newer, out var start);
        return steps.Count + (start.Low == 0 ? 0 : 1);
    }

    private static IEnumerable<MerkleHash[]> Flipped(MerkleHash[] proof)
    {
        for (var bit = 0; bit < proof.Length * 256; bit++)
        {
            MerkleHash[] bad = [.. proof];
            var bytes = bad[bit / 256].ToArray();
            bytes[bit % 256 / 8] ^= (byte)(1 << (bit % 8));
            bad[bit / 256] = MerkleHash.Of(bytes);
            yield return bad;
        }
    }

    private static IEnumerable<string> Hex(IEnumerable<MerkleHash> hashes) => hashes.Select(hash => Convert.ToHexStringLower(hash.ToArray()));

    private static Kept CtTree(int size)
    {
        var (edge, kept) = (new RightEdge(), new Kept([]));
        foreach (var leaf in CtLeaves.Take(size))
        {
            edge.Append(MerkleTree.LeafHash(Convert.FromHexString(leaf)), kept.Hashes);
        }

        return kept;
    }

    private sealed record Kept(List<MerkleHash> Hashes) : IHashReader
    {
        public ValueTask<MerkleHash[]> ReadAsync(ReadOnlyMemory<long> storedIndexes, CancellationToken cancellationToken) =>
            ValueTask.FromResult(storedIndexes.ToArray().Select(index => Hashes[(int)index]).ToArray());
    }

    private sealed class Short : IHashReader
    {
        public ValueTask<MerkleHash[]> ReadAsync(ReadOnlyMemory<long> storedIndexes, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new MerkleHash[storedIndexes.Length - 1]);
    }
}
