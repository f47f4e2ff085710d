using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.Mirrors;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Storage;

namespace Athens.Federation.Tests.Storage;

/// <summary>What every store of mirrors does.</summary>
public abstract class MirrorStoreConformance : IAsyncLifetime
{
    private protected IMirrorStore Store { get; private set; } = null!;

    public async Task InitializeAsync() => Store = await OpenAsync();

    public async Task DisposeAsync() => await Store.DisposeAsync();

    [Fact]
    public async Task Logs_are_kept_apart_and_each_once()
    {
        var one = await Store.AddAsync("one", "ed25519:a", default);
        var other = await Store.AddAsync("other", "ed25519:b", default);
        Assert.Equal(one, await Store.AddAsync("one", "ed25519:c", default));
        await Store.CommitAsync(one.Id, Commit(0, 300, "one"), default);
        await Store.CommitAsync(other.Id, Commit(0, 3, "other"), default);
        var logs = await Store.LogsAsync(default);
        Assert.Equal([("one", "ed25519:a", 300L), ("other", "ed25519:b", 3L)], logs.Select(log => (log.Key, log.Owner, log.State.Size)));
        Assert.Equal(Text(299, "one"), (await Store.TextsAsync(one.Id, 299, 5, default)).Single().Text.ToArray());
        Assert.Empty(await Store.TextsAsync(other.Id, 3, 500, default));
        Assert.Equal([0L, 1, 2], (await Store.TextsAsync(other.Id, 0, 500, default)).Select(text => text.Number));
        Assert.Equal(new byte[] { 1 }, (await Store.TileAsync(one.Id, 0, 0, default))!.Value.ToArray());
        Assert.Null(await Store.TileAsync(other.Id, 0, 1, default));
        Assert.Equal([(one.Id, 2L), (other.Id, 2L)], (await Store.FindAsync(Module(2), default)).Select(text => (text.Log, text.Number)).Order());
        Assert.Equal((one.Id, 200L), (await Store.FindAsync(Module(200), default)).Select(text => (text.Log, text.Number)).Single());
        Assert.Empty(await Store.FindAsync(Module(300), default));
    }

    [Fact]
    public async Task The_whole_state_comes_back()
    {
        var log = await Store.AddAsync("one", "ed25519:a", default);
        Assert.Equal(MirrorState.New, log.State);
        await Store.CommitAsync(log.Id, new MirrorCommit([], [], new MirrorState(4, Head(3), Head(5), "forked")), default);
        var state = (await Store.LogsAsync(default)).Single().State;
        Assert.Equal((4L, 3L, 5L, "forked"), (state.Size, state.Head!.Size, state.Goal!.Size, state.Fault));
        Assert.Equal("latest 3"u8.ToArray(), state.Head.Latest.ToArray());
        Assert.Equal("checkpoint 5"u8.ToArray(), state.Goal.Checkpoint.ToArray());
        await Store.CommitAsync(log.Id, new MirrorCommit([], [], new MirrorState(5, Head(5), null, "")), default);
        Assert.Null((await Store.LogsAsync(default)).Single().State.Goal);
    }

    [Fact]
    public async Task Of_one_log_a_few_records_of_a_module_version_are_found_the_first_ones()
    {
        var log = await Store.AddAsync("one", "ed25519:a", default);
        for (var i = 0; i < 20; i += 10)
        {
            var texts = Enumerable.Range(i, 10).Select(n => new NewText(n, Module(0), Text(n, "one"))).ToList();
            await Store.CommitAsync(log.Id, new MirrorCommit(texts, [], MirrorState.New), default);
        }

        Assert.Equal([0L, 1, 2, 3], (await Store.FindAsync(Module(0), default)).Select(text => text.Number).Order());
        Assert.Equal(20, (await Store.TextsAsync(log.Id, 0, 100, default)).Count);
    }

    private protected abstract Task<IMirrorStore> OpenAsync();

    private protected static ModuleVersion Module(int i) => ModuleVersion.Create($"example.com/m{i}", "v1.0.0", out _)!;

    private protected static byte[] Text(int i, string log) => System.Text.Encoding.UTF8.GetBytes($"record {i} of {log}\n");

    private protected static StoredHead Head(long size) =>
        new(size, System.Text.Encoding.UTF8.GetBytes($"latest {size}"), System.Text.Encoding.UTF8.GetBytes($"checkpoint {size}"));

    private protected static MirrorCommit Commit(int first, int count, string log) => new(
        [.. Enumerable.Range(first, count).Select(i => new NewText(i, Module(i), Text(i, log)))],
        [new StoredTile(0, 0, new byte[] { 1 })],
        new MirrorState(first + count, Head(first + count), null, ""));
}

public sealed class MemoryMirrorStoreTests : MirrorStoreConformance
{
    private protected override Task<IMirrorStore> OpenAsync() => Task.FromResult<IMirrorStore>(new MemoryMirrorStore());
}

public sealed class SqliteMirrorStoreTests : MirrorStoreConformance, IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public async Task What_was_committed_is_there_after_it_is_opened_again()
    {
        var log = await Store.AddAsync("one", "ed25519:a", default);
        await Store.CommitAsync(log.Id, Commit(0, 30, "one"), default);
        await using var again = SqliteMirrorStore.Open(new StoreLayout(folder.Path), 0);
        Assert.Equal(30, (await again.LogsAsync(default)).Single().State.Size);
        Assert.Equal(Text(29, "one"), (await again.FindAsync(Module(29), default)).Single().Text.ToArray());
    }

    [Fact]
    public void A_file_that_is_no_database_is_one_sentence_with_what_to_do()
    {
        var other = Directory.CreateDirectory(folder["other"]).FullName;
        File.WriteAllText(Path.Combine(other, "mirrors.db"), new string('x', 5000));
        var error = Assert.Throws<StoreFailedException>(() => SqliteMirrorStore.Open(new StoreLayout(other), 0));
        Assert.Contains("filled again from the peers", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_that_is_nearly_full_takes_no_more()
    {
        var log = await Store.AddAsync("one", "ed25519:a", default);
        await using var full = SqliteMirrorStore.Open(new StoreLayout(folder.Path), long.MaxValue);
        Assert.True((await Assert.ThrowsAsync<StoreFailedException>(() => full.CommitAsync(log.Id, Commit(0, 1, "one"), default))).NoSpace);
    }

    public void Dispose() => folder.Dispose();

    private protected override Task<IMirrorStore> OpenAsync() => Task.FromResult<IMirrorStore>(SqliteMirrorStore.Open(new StoreLayout(folder.Path), 0));
}
