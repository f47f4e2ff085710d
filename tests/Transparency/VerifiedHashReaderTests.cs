using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Transparency;

/// <summary>Tiles from anybody, believed only as far as a head proves them.</summary>
public sealed class VerifiedHashReaderTests
{
    private static readonly GrownTree Tree = new(66_000);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(100)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(512)]
    [InlineData(1000)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(66_000)]
    public async Task What_it_reads_are_the_stored_hashes_and_only_proven_tiles_are_kept(int size)
    {
        var source = new Source();
        var reader = new VerifiedHashReader(Tree.HeadAt(size), source);
        var random = new Random(size);
        for (var round = 0; round < 20; round++)
        {
            var indexes = Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.NextInt64(TreeNode.StoredCount(size))).ToArray();
            var hashes = await reader.ReadAsync(indexes, default);
            Assert.Equal(indexes.Select(index => Tree.Stored[(int)index]), hashes);
        }

        Assert.Equal(source.Asked, source.Kept);
        Assert.Empty(await reader.ReadAsync(ReadOnlyMemory<long>.Empty, default));
    }

    [Fact]
    public async Task Proofs_and_earlier_roots_come_out_of_tiles()
    {
        var head = Tree.Head;
        var reader = new VerifiedHashReader(head, new Source());
        foreach (var leaf in new[] { 0, 255, 256, 33_000, 65_535, 65_536, 65_999 })
        {
            var proof = await InclusionProof.ProveAsync(leaf, head.Size, reader, default);
            Assert.True(InclusionProof.Verify(proof, head, leaf, GrownTree.Leaf(leaf)));
            var older = Tree.HeadAt(leaf + 1);
            Assert.True(ConsistencyProof.Verify(await ConsistencyProof.ProveAsync(leaf + 1, head.Size, reader, default), older, head));
            Assert.Equal(older, (await RightEdge.ReadAsync(leaf + 1, reader, default)).Head);
            Assert.Equal(older.Root, PrefixProof.RootOf(await PrefixProof.ProveAsync(leaf + 1, head.Size, reader, default), leaf + 1, head));
        }
    }

    [Fact]
    public async Task A_flipped_bit_in_any_tile_is_noticed_before_anything_is_kept()
    {
        var random = new Random(1);
        for (var round = 0; round < 200; round++)
        {
            var size = random.Next(1, 66_000);
            var index = random.NextInt64(TreeNode.StoredCount(size));
            var source = new Source { Lie = (content, place, count) => Flip(content, random, place == random.Next(count)) };
            var reader = new VerifiedHashReader(Tree.HeadAt(size), source);
            try
            {
                Assert.Equal(Tree.Stored[(int)index], (await reader.ReadAsync(new[] { index }, default))[0]);
                Assert.False(source.Lied, $"size {size}, hash {index}");
            }
            catch (BadTileException bad)
            {
                Assert.True(source.Lied);
                Assert.Equal(0, source.Kept);
                Assert.Equal(Tree.HeadAt(size), bad.Head);
                Assert.NotEmpty(bad.Tiles);
                Assert.Contains(bad.Tiles, tile => !tile.Bytes.Span.SequenceEqual(Honest(tile).Span));
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task A_tile_of_another_length_is_bad(int more)
    {
        var source = new Source { Lie = (content, _, _) => content with { Bytes = new byte[more == 0 ? 0 : content.Bytes.Length + more] } };
        var reader = new VerifiedHashReader(Tree.Head, source);
        var bad = await Assert.ThrowsAsync<BadTileException>(async () => await reader.ReadAsync(new[] { 7L }, default));
        Assert.Single(bad.Tiles);
        Assert.Contains("bytes", bad.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tiles_of_another_history_are_bad_and_name_what_was_believed()
    {
        var head = new TreeHead(1000, GrownTree.Leaf(5));
        var bad = await Assert.ThrowsAsync<BadTileException>(async () => await new VerifiedHashReader(head, new Source()).ReadAsync(new[] { 0L }, default));
        Assert.Equal(head, bad.Head);
        Assert.Equal(2, bad.Tiles.Count);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(5, -1)]
    [InlineData(5, 8)]
    [InlineData(5, long.MaxValue)]
    public async Task Hashes_outside_the_tree_are_never_asked_for(int size, long index)
    {
        var source = new Source();
        await Assert.ThrowsAsync<ArgumentException>(async () => await new VerifiedHashReader(Tree.HeadAt(size), source).ReadAsync(new[] { index }, default));
        Assert.Equal(0, source.Asked);
    }

    [Fact]
    public async Task One_read_is_bounded()
    {
        await Assert.ThrowsAsync<ArgumentException>(
            async () => await new VerifiedHashReader(Tree.Head, new Source()).ReadAsync(new long[VerifiedHashReader.MaxHashes + 1], default));
        var all = await new VerifiedHashReader(Tree.Head, new Source()).ReadAsync(new long[VerifiedHashReader.MaxHashes], default);
        Assert.All(all, hash => Assert.Equal(Tree.Stored[0], hash));
    }

    /// <summary>The bytes that a tile ought to have, straight from the stored hashes.</summary>
    private static ReadOnlyMemory<byte> Honest(TileContent told)
    {
        var first = told.Tile.First;
        var hashes = Enumerable.Range(0, told.Tile.Width).Select(i => Tree.Stored[(int)(first with { Index = first.Index + i }).StoredIndex]);
        return hashes.SelectMany(hash => hash.ToArray()).ToArray();
    }

    private static TileContent Flip(TileContent content, Random random, bool flip)
    {
        var bytes = content.Bytes.ToArray();
        bytes[random.Next(bytes.Length)] ^= flip ? (byte)(1 << random.Next(8)) : (byte)0;
        return content with { Bytes = bytes };
    }

    private sealed class Source : ITileSource
    {
        public Func<TileContent, int, int, TileContent>? Lie { get; init; }

        public int Asked { get; private set; }

        public int Kept { get; private set; }

        public bool Lied { get; private set; }

        public async ValueTask<IReadOnlyList<ReadOnlyMemory<byte>>> ReadAsync(IReadOnlyList<Tile> tiles, CancellationToken cancellationToken)
        {
            Asked += tiles.Count;
            Assert.Equal(tiles.Count, tiles.Distinct().Count());
            var contents = new List<TileContent>();
            foreach (var tile in tiles)
            {
                contents.Add(await TileContent.ReadAsync(tile, Tree, cancellationToken));
            }

            var told = contents.Select((content, i) => Lie?.Invoke(content, i, contents.Count) ?? content).ToList();
            Lied |= told.Zip(contents).Any(pair => !pair.First.Bytes.Span.SequenceEqual(pair.Second.Bytes.Span));
            return [.. told.Select(content => content.Bytes)];
        }

        public ValueTask KeepAsync(IReadOnlyList<TileContent> proven, CancellationToken cancellationToken)
        {
            Kept += proven.Count;
            Assert.All(proven, content => Assert.True(content.Bytes.Span.SequenceEqual(Honest(content).Span)));
            return ValueTask.CompletedTask;
        }
    }
}
