using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.OwnLog;

namespace Athens.Federation.Tests.Storage;

/// <summary>What every store of the log does.</summary>
public abstract class LogStoreConformance : IAsyncLifetime
{
    private protected ILogStore Store { get; private set; } = null!;

    public async Task InitializeAsync() => Store = await OpenAsync();

    public async Task DisposeAsync() => await Store.DisposeAsync();

    [Fact]
    public async Task A_new_store_has_nothing()
    {
        Assert.Null(await Store.HeadAsync(default));
        Assert.Equal(0, await Store.CountAsync(default));
        Assert.Null(await Store.FindAsync(Module(0), default));
        Assert.Empty(await Store.RecordsAsync(0, 10, default));
        Assert.Null(await Store.TileAsync(0, 0, default));
    }

    [Fact]
    public async Task All_of_a_commit_is_there_afterwards()
    {
        await Store.CommitAsync(Commit(0, 3), default);
        await Store.CommitAsync(Commit(3, 300), default);
        var head = await Store.HeadAsync(default);
        Assert.Equal(303, head!.Size);
        Assert.Equal("latest 303"u8.ToArray(), head.Latest.ToArray());
        Assert.Equal("checkpoint 303"u8.ToArray(), head.Checkpoint.ToArray());
        Assert.Equal(303, await Store.CountAsync(default));
        for (var i = 0; i < 303; i += 50)
        {
            var found = await Store.FindAsync(Module(i), default);
            Assert.Equal(i, found!.Number);
            Assert.Equal(Text(i), found.Text.ToArray());
            Assert.Equal(Chunks(i), found.Chunks.ToArray());
        }

        Assert.Null(await Store.FindAsync(Module(303), default));
    }

    [Fact]
    public async Task Records_come_in_order_and_no_more_than_there_are()
    {
        await Store.CommitAsync(Commit(0, 300), default);
        Assert.Equal(Enumerable.Range(0, 256).Select(Text), (await Store.RecordsAsync(0, 256, default)).Select(text => text.ToArray()));
        Assert.Equal(Enumerable.Range(256, 44).Select(Text), (await Store.RecordsAsync(256, 256, default)).Select(text => text.ToArray()));
        Assert.Equal(Enumerable.Range(7, 2).Select(Text), (await Store.RecordsAsync(7, 2, default)).Select(text => text.ToArray()));
        Assert.Empty(await Store.RecordsAsync(300, 1, default));
        Assert.Empty(await Store.RecordsAsync(1L << 40, 1, default));
    }

    [Fact]
    public async Task A_tile_that_grew_replaces_itself_and_levels_do_not_mix()
    {
        var head = Commit(0, 0).Head;
        await Store.CommitAsync(new LogCommit([], [Tile(0, 7, 1), Tile(1, 7, 2), Tile(7, (1L << 54) - 1, 3)], head), default);
        await Store.CommitAsync(new LogCommit([], [Tile(0, 7, 4)], head), default);
        Assert.Equal(Tile(0, 7, 4).Hashes.ToArray(), (await Store.TileAsync(0, 7, default))!.Value.ToArray());
        Assert.Equal(Tile(1, 7, 2).Hashes.ToArray(), (await Store.TileAsync(1, 7, default))!.Value.ToArray());
        Assert.Equal(Tile(7, (1L << 54) - 1, 3).Hashes.ToArray(), (await Store.TileAsync(7, (1L << 54) - 1, default))!.Value.ToArray());
        Assert.Null(await Store.TileAsync(2, 7, default));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public async Task A_commit_that_does_not_follow_is_refused_whole(int first)
    {
        await Store.CommitAsync(Commit(0, 3), default);
        var commit = Commit(first, 2);
        if (first == 5)
        {
            // A module version that has its record already.
            commit = commit with { Records = [new NewRecord(3, Module(9), Text(9), Chunks(9)), new NewRecord(4, Module(1), Text(1), Chunks(1))] };
        }

        await Assert.ThrowsAnyAsync<Exception>(() => Store.CommitAsync(commit, default));
        Assert.Equal(3, (await Store.HeadAsync(default))!.Size);
        Assert.Equal(3, await Store.CountAsync(default));
        Assert.Null(await Store.FindAsync(Module(9), default));
        await Store.CommitAsync(Commit(3, 2), default);
        Assert.Equal(5, await Store.CountAsync(default));
    }

    [Fact]
    public async Task Readers_see_whole_commits_while_another_is_made()
    {
        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                var head = await Store.HeadAsync(default);
                if (head is { Size: > 0 })
                {
                    Assert.NotNull(await Store.FindAsync(Module((int)head.Size - 1), default));
                    Assert.Single(await Store.RecordsAsync(head.Size - 1, 1, default));
                }
            }
        })).ToArray();
        for (var i = 0; i < 30; i++)
        {
            await Store.CommitAsync(Commit(i * 10, 10), default);
        }

        await done.CancelAsync();
        await Task.WhenAll(readers);
    }

    private protected abstract Task<ILogStore> OpenAsync();

    private protected static ModuleVersion Module(int i) => ModuleVersion.Create($"example.com/m{i}", "v1.0.0", out _)!;

    private protected static byte[] Text(int i) => System.Text.Encoding.UTF8.GetBytes($"record {i}\n");

    /// <summary>None for every other record, as of zips that are not cut.</summary>
    private protected static byte[] Chunks(int i) => i % 2 == 0 ? [] : [.. Enumerable.Repeat((byte)i, 32)];

    private protected static LogCommit Commit(int first, int count) => new(
        [.. Enumerable.Range(first, count).Select(i => new NewRecord(i, Module(i), Text(i), Chunks(i)))],
        [Tile(0, first / 256, 1)],
        new StoredHead(first + count, System.Text.Encoding.UTF8.GetBytes($"latest {first + count}"), System.Text.Encoding.UTF8.GetBytes($"checkpoint {first + count}")));

    private static StoredTile Tile(int level, long index, int width)
    {
        var hashes = new byte[width * 32];
        new Random(((level * 31) + (int)index) * width).NextBytes(hashes);
        return new StoredTile(level, index, hashes);
    }
}
