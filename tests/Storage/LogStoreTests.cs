using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Storage;

namespace Athens.Federation.Tests.Storage;

public sealed class MemoryLogStoreTests : LogStoreConformance
{
    private protected override Task<ILogStore> OpenAsync() => Task.FromResult<ILogStore>(new MemoryLogStore());
}

public sealed class SqliteLogStoreTests : LogStoreConformance, IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public async Task What_was_committed_is_there_after_it_is_opened_again()
    {
        await Store.CommitAsync(Commit(0, 300), default);
        await using var again = Open(folder.Path);
        Assert.Equal(300, (await again.HeadAsync(default))!.Size);
        Assert.Equal(Text(299), (await again.FindAsync(Module(299), default))!.Text.ToArray());
    }

    [Fact]
    public async Task A_copy_made_without_a_warning_is_a_whole_log()
    {
        await Store.CommitAsync(Commit(0, 300), default);
        var copy = folder["copy"];
        TemporaryFolder.Copy(folder.Path, copy);
        await using var again = Open(copy);
        Assert.Equal(300, await again.CountAsync(default));
    }

    [Fact]
    public void A_file_that_is_no_database_is_one_sentence_with_what_to_do()
    {
        var other = Directory.CreateDirectory(folder["other"]).FullName;
        File.WriteAllText(Path.Combine(other, "log.db"), new string('x', 5000));
        var error = Assert.Throws<StoreFailedException>(() => Open(other));
        Assert.Contains("athens log recover", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_of_a_newer_node_is_left_alone()
    {
        await Store.DisposeAsync();
        await using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={folder["log.db"]};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 99";
            command.ExecuteNonQuery();
        }

        Assert.Contains("newer athens", Assert.Throws<StoreFailedException>(() => Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    private protected override Task<ILogStore> OpenAsync() => Task.FromResult<ILogStore>(Open(folder.Path));

    /// <summary>The folder goes after the store, which is closed asynchronously, before this.</summary>
    public void Dispose() => folder.Dispose();

    private static SqliteLogStore Open(string path) => SqliteLogStore.Open(new StoreLayout(path));
}
