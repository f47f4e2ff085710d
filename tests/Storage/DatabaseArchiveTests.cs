using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.PublicDatabases;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Storage;
using Microsoft.Data.Sqlite;

namespace Athens.Federation.Tests.Storage;

/// <summary>What is kept of a checksum database, on disk and in memory.</summary>
public sealed class DatabaseArchiveTests : IDisposable
{
    private static readonly ModuleVersion Module = ModuleVersion.Create("example.org/M", "v1.0.0", out _)!;
    private static readonly KeptRecord Record = new(Module, 7, [1, 2, 3], new byte[32]);

    private readonly TemporaryFolder folder = new();
    private readonly List<DatabaseArchive> opened = [];

    public void Dispose()
    {
        opened.ForEach(archive => archive.Dispose());
        folder.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_kept_is_found_and_nothing_else(bool onDisk)
    {
        var archive = onDisk ? Open("key") : (IDatabaseArchive)new MemoryDatabaseArchive();
        Assert.Null(await archive.HeadAsync(default));
        Assert.Null(await archive.FindAsync(Module, default));
        await archive.KeepAsync(new ArchiveAddition { Head = [9], Record = Record, Tiles = [Tile(2), Tile(1, index: 1)] }, default);
        Assert.Equal(new byte[] { 9 }, await archive.HeadAsync(default));
        var found = await archive.FindAsync(Module, default);
        Assert.Equal((7, Record.Text[2], Record.Leaf[31]), (found!.Number, found.Text[2], found.Leaf[31]));
        Assert.Null(await archive.FindAsync(ModuleVersion.Create("example.org/m", "v1.0.0", out _)!, default));
        var tiles = await archive.TilesAsync([new TilePlace(0, 1), new TilePlace(0, 0), new TilePlace(1, 0)], default);
        Assert.Equal([32, 64, null], tiles.Select(tile => tile?.Length));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_wider_tile_and_one_of_the_same_width_replace_and_a_narrower_one_does_not(bool onDisk)
    {
        var archive = onDisk ? Open("key") : (IDatabaseArchive)new MemoryDatabaseArchive();
        foreach (var (width, mark, expectedWidth, expectedMark) in new[] { (2, 1, 2, 1), (3, 2, 3, 2), (1, 3, 3, 2), (3, 4, 3, 4) })
        {
            await archive.KeepAsync(new ArchiveAddition { Tiles = [Tile(width, (byte)mark)] }, default);
            var kept = (await archive.TilesAsync([new TilePlace(0, 0)], default))[0]!;
            Assert.Equal((expectedWidth * 32, expectedMark), (kept.Length, kept[0]));
        }
    }

    [Fact]
    public async Task It_is_there_after_a_restart_and_another_key_has_a_timeline_of_its_own()
    {
        var first = Open("key");
        await first.KeepAsync(new ArchiveAddition { Head = [9], Record = Record, Tiles = [Tile(2)] }, default);
        first.Dispose();
        opened.Clear();
        var again = Open("key");
        Assert.NotNull(await again.HeadAsync(default));
        Assert.NotNull(await again.FindAsync(Module, default));
        var other = Open("another key of the same name");
        Assert.Null(await other.HeadAsync(default));
        Assert.Null(await other.FindAsync(Module, default));
        Assert.Null((await other.TilesAsync([new TilePlace(0, 0)], default))[0]);
    }

    [Fact]
    public async Task What_cannot_be_written_whole_is_not_written_at_all()
    {
        var archive = Open("key");
        var bad = new KeptRecord(Module, 1, null!, new byte[32]);
        await Assert.ThrowsAnyAsync<Exception>(() => archive.KeepAsync(new ArchiveAddition { Head = [9], Record = bad, Tiles = [Tile(2)] }, default));
        Assert.Null((await archive.TilesAsync([new TilePlace(0, 0)], default))[0]);
        await archive.KeepAsync(new ArchiveAddition { Head = [8] }, default);
        Assert.Equal(new byte[] { 8 }, await archive.HeadAsync(default));
    }

    [Fact]
    public async Task Below_the_least_free_space_nothing_new_is_kept_and_what_is_kept_is_read()
    {
        await Open("key").KeepAsync(new ArchiveAddition { Record = Record }, default);
        var full = Open("key", minFree: long.MaxValue);
        var error = await Assert.ThrowsAsync<StoreFailedException>(() => full.KeepAsync(new ArchiveAddition { Head = [9] }, default));
        Assert.True(error.NoSpace);
        Assert.NotNull(await full.FindAsync(Module, default));
    }

    [Fact]
    public async Task Memory_is_bounded()
    {
        var archive = new MemoryDatabaseArchive();
        var tile = new byte[1 << 20];
        for (var i = 0; i < MemoryDatabaseArchive.Limit >> 20; i++)
        {
            await archive.KeepAsync(new ArchiveAddition { Tiles = [new KeptTile(new TilePlace(0, i), tile)] }, default);
        }

        var error = await Assert.ThrowsAsync<StoreFailedException>(() => archive.KeepAsync(new ArchiveAddition { Tiles = [Tile(1, index: 1 << 20)] }, default));
        Assert.True(error.NoSpace);
    }

    [Fact]
    public void A_damaged_file_and_one_of_a_newer_node_say_what_to_do()
    {
        File.WriteAllText(folder["sumdb.db"], new string('x', 8192));
        Assert.Contains("move the file away", Assert.Throws<StoreFailedException>(() => Open("key")).Message, StringComparison.Ordinal);
        File.Delete(folder["sumdb.db"]);
        using (var connection = new SqliteConnection($"Data Source={folder["sumdb.db"]};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 99";
            command.ExecuteNonQuery();
        }

        Assert.Contains("newer athens", Assert.Throws<StoreFailedException>(() => Open("key")).Message, StringComparison.Ordinal);
    }

    private static KeptTile Tile(int width, byte mark = 0, long index = 0)
    {
        var hashes = new byte[width * 32];
        hashes[0] = mark;
        return new KeptTile(new TilePlace(0, index), hashes);
    }

    private DatabaseArchive Open(string key, long minFree = 0)
    {
        opened.Add(DatabaseArchive.Open(new StoreLayout(folder.Path), minFree, key));
        return opened[^1];
    }
}
