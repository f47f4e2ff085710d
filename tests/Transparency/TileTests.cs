using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Transparency;

/// <summary>Places, names and contents of tiles.</summary>
public sealed class TileTests
{
    private static readonly GrownTree Tree = new(70_000);

    [Theory]
    [InlineData("tile/8/0/000", 0, 0, 256)]
    [InlineData("tile/8/0/001.p/5", 0, 1, 5)]
    [InlineData("tile/8/2/x123/x456/078", 2, 123456078, 256)]
    [InlineData("tile/8/2/x123/x456/078.p/2", 2, 123456078, 2)]
    [InlineData("tile/8/4/x001/x234/067.p/1", 4, 1234067, 1)]
    [InlineData("tile/8/data/x003/x057/500", -1, 3057500, 256)]
    [InlineData("tile/8/data/x003/x057/500.p/255", -1, 3057500, 255)]
    [InlineData("tile/8/0/x018/x014/x398/x509/x481/983", 0, (1L << 54) - 1, 256)]
    [InlineData("tile/8/7/000.p/64", 7, 0, 64)]
    [InlineData("tile/8/1/x001/000", 1, 1000, 256)]
    public void A_tile_has_one_name_in_each_writing(string path, int level, long index, int width)
    {
        var tile = new Tile(level, index, width);
        Assert.Equal(path, TilePath.FormatGo(tile));
        Assert.Equal(tile, TilePath.ParseGo(path));
        var plain = path.Replace("tile/8/", "tile/", StringComparison.Ordinal).Replace("data", "entries", StringComparison.Ordinal);
        Assert.Equal(plain, TilePath.Format(tile));
        Assert.Equal(tile, TilePath.Parse(plain));
        Assert.True(path.Length <= TilePath.MaxLength);
    }

    [Theory]
    [InlineData("")]
    [InlineData("tile/8/")]
    [InlineData("tile/8/0")]
    [InlineData("tile/8/0/")]
    [InlineData("/tile/8/0/000")]
    [InlineData("tile/8/0/000/")]
    [InlineData("tile/8//000")]
    [InlineData("tile/8/0/0")]
    [InlineData("tile/8/0/00")]
    [InlineData("tile/8/0/0000")]
    [InlineData("tile/8/0/x000")]
    [InlineData("tile/8/0/x000/001")]
    [InlineData("tile/8/0/001/002")]
    [InlineData("tile/8/0/x001/x002")]
    [InlineData("tile/8/0/xx001/002")]
    [InlineData("tile/8/0/X001/002")]
    [InlineData("tile/8/0/x001//002")]
    [InlineData("tile/8/0/-01")]
    [InlineData("tile/8/0/+01")]
    [InlineData("tile/8/0/ 01")]
    [InlineData("tile/8/0/٠٠١")]
    [InlineData("tile/8/-1/001")]
    [InlineData("tile/8/01/001")]
    [InlineData("tile/8/8/001")]
    [InlineData("tile/8/7/001")]
    [InlineData("tile/8/63/000")]
    [InlineData("tile/8/64/000")]
    [InlineData("tile/8/99999999999999999999/000")]
    [InlineData("tile/3/5/x123/x456/078")]
    [InlineData("tile/08/0/000")]
    [InlineData("tile/0/000")]
    [InlineData("tile/8/0/000.p/0")]
    [InlineData("tile/8/0/000.p/256")]
    [InlineData("tile/8/0/000.p/257")]
    [InlineData("tile/8/0/000.p/01")]
    [InlineData("tile/8/0/000.p/-1")]
    [InlineData("tile/8/0/000.p/")]
    [InlineData("tile/8/0/000.p")]
    [InlineData("tile/8/0/000.p/1/1")]
    [InlineData("tile/8/0/000.p/1.p/1")]
    [InlineData("tile/8/0/x000.p/1/001")]
    [InlineData("tile/8/7/000.p/65")]
    [InlineData("tile/8/0/x018/x014/x398/x509/x481/984")]
    [InlineData("tile/8/0/x999/x999/x999/x999/x999/x999/999")]
    [InlineData("tile/8/0/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/999")]
    public void Any_other_writing_is_no_tile(string path)
    {
        Assert.Null(TilePath.ParseGo(path));
        Assert.Null(TilePath.Parse(path.Replace("tile/8/", "tile/", StringComparison.Ordinal) is var plain && plain != path ? plain : "tile/8/8/" + path));
    }

    [Fact]
    public void Each_writing_has_its_own_word_for_records()
    {
        Assert.Null(TilePath.ParseGo("tile/8/entries/000"));
        Assert.Null(TilePath.Parse("tile/data/000"));
    }

    [Fact]
    public void Random_paths_are_refused_or_read_back_alike()
    {
        var random = new Random(8);
        string[] parts = ["tile", "8", "0", "1", "data", "entries", "000", "001", "x001", "255", "256", ".p", "001.p", "1", "99", "x", "-1", ""];
        for (var i = 0; i < 20_000; i++)
        {
            var path = "tile/8/" + string.Join('/', random.GetItems(parts, random.Next(1, 6)));
            Assert.True(TilePath.ParseGo(path) is not { } tile || TilePath.FormatGo(tile) == path, path);
        }
    }

    [Theory]
    [InlineData(70_000, 0, 273, 112)]
    [InlineData(70_000, 1, 0, 256)]
    [InlineData(70_000, 1, 1, 17)]
    [InlineData(70_000, 2, 0, 1)]
    [InlineData(256, 0, 0, 256)]
    [InlineData(256, 1, 0, 1)]
    [InlineData(70_000, -1, 273, 112)]
    public void Tiles_of_a_tree_are_as_wide_as_the_specification_says(long size, int level, long index, int width)
    {
        Assert.Equal(new Tile(level, index, width), Tile.Find(level, index, size));
        Assert.Null(Tile.Find(level, index + 300, size));
        Assert.Null(Tile.Find(level, -1, size));
        Assert.Null(Tile.Find(level, index, 0));
    }

    [Theory]
    [InlineData(1, 1, 0)]
    [InlineData(0, 1, 1)]
    [InlineData(100, 101, 1)]
    [InlineData(255, 257, 3)]
    [InlineData(256, 300, 1)]
    [InlineData(300, 500, 1)]
    [InlineData(0, 70_000, 274 + 2 + 1)]
    [InlineData(49516517, 49516586, 3)]
    [InlineData(MerkleTree.MaxSize - 1, MerkleTree.MaxSize, 8)]
    public void Growth_makes_only_the_tiles_that_are_needed(long before, long after, int count)
    {
        Assert.Equal(count, Tile.Grown(before, after).Count());
    }

    [Fact]
    public void Tiles_of_every_growth_together_are_all_there_are()
    {
        for (var before = 0; before < 70_000; before += 1367)
        {
            for (var after = before; after < 70_000; after += 4093)
            {
                var had = Tile.Grown(0, before).ToHashSet();
                var has = Tile.Grown(0, after).ToHashSet();
                Assert.Equal(has.Except(had).ToHashSet(), Tile.Grown(before, after).ToHashSet());
                Assert.All(has, tile => Assert.Equal(tile, Tile.Find(tile.Level, tile.Index, after)));
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(1000)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    public async Task Every_stored_hash_is_found_in_its_tile(int size)
    {
        var contents = new Dictionary<Tile, TileContent>();
        var count = TreeNode.StoredCount(size);
        for (var stored = 0L; stored < count; stored += count < 5000 ? 1 : 97)
        {
            var node = TreeNode.OfStored(stored);
            var tile = Tile.Holding(node, size);
            if (!contents.TryGetValue(tile, out var content))
            {
                contents[tile] = content = await TileContent.ReadAsync(tile, Tree, default);
            }

            Assert.Equal(Tree.Stored[(int)stored], content.HashOf(node));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => Tile.Holding(new TreeNode(0, size), size));
        Assert.Throws<ArgumentException>(() => contents.Values.First().HashOf(new TreeNode(0, 100_000)));
    }

    [Fact]
    public async Task A_tile_of_records_or_not_full_has_no_hash_of_its_own()
    {
        await Assert.ThrowsAsync<ArgumentException>(async () => await TileContent.ReadAsync(new Tile(Tile.Records, 0, 256), Tree, default));
        var partial = await TileContent.ReadAsync(new Tile(0, 0, 255), Tree, default);
        Assert.Throws<InvalidOperationException>(() => partial.Root());
        var full = await TileContent.ReadAsync(new Tile(0, 0, 256), Tree, default);
        Assert.Equal(Tree.HeadAt(256).Root, full.Root());
        Assert.Throws<InvalidOperationException>(() => new TileContent(full.Tile, full.Bytes[1..]).Root());
    }
}
