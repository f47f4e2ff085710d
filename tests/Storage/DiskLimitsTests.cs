using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Athens.Federation.Tests.Support;
using Microsoft.Extensions.Hosting;

namespace Athens.Federation.Tests.Storage;

/// <summary>A full disk, a read-only folder, a folder in use, a newer schema: refused with what to do, nothing lost.</summary>
public sealed class DiskLimitsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [FactWithMounts]
    public async Task A_full_disk_refuses_what_does_not_fit_and_keeps_what_is_there()
    {
        using var mounted = Mount.Tmpfs(folder["small"], "size=6m");

        var held = new List<SampleModule>();
        StoreFailedException? full = null;
        await using (var store = await DiskStore.OpenAsync(folder["small"]))
        {
            for (var n = 0; full is null; n++)
            {
                var sample = SampleModule.Make($"example.com/m{n}", fill: 500_000);
                try
                {
                    await sample.AdmitAsync(store);
                    held.Add(sample);
                }
                catch (StoreFailedException error)
                {
                    full = error;
                    await sample.AssertAbsentAsync(store);
                }
                catch (IOException error) when (error.HResult == 28)
                {
                    // The test's own writing of the staged zip met the full disk before the store did.
                    break;
                }
            }

            Assert.NotEmpty(held);
            await FillUpAsync(folder["small/ballast"]);
            var small = SampleModule.Make("example.com/small");
            var refused = await Assert.ThrowsAnyAsync<IOException>(() => small.AdmitAsync(store));
            Assert.True(refused is StoreFailedException { NoSpace: true } || refused.HResult == 28, refused.ToString());
            await small.AssertAbsentAsync(store);
            Assert.Contains("full", await store.CheckWritableAsync(CancellationToken.None), StringComparison.Ordinal);
            foreach (var sample in held)
            {
                await sample.AssertHeldAsync(store);
            }

            File.Delete(folder["small/ballast"]);
            await small.AdmitAsync(store);
            held.Add(small);
            Assert.Empty(Directory.GetFileSystemEntries(folder["small/tmp"]));
        }

        await using var reopened = await DiskStore.OpenAsync(folder["small"]);
        foreach (var sample in held)
        {
            await sample.AssertHeldAsync(reopened);
        }

        Assert.Equal(held.Count, Directory.GetFiles(folder["small/download"], "*.zip", SearchOption.AllDirectories).Length);
    }

    [TheoryWithMounts]
    [InlineData(DiskStep.Synced)]
    [InlineData(DiskStep.Begun)]
    [InlineData(DiskStep.ModPlaced)]
    [InlineData(DiskStep.FolderSynced)]
    [InlineData(DiskStep.Committed)]
    public async Task A_disk_that_fills_up_at_any_step_leaves_all_or_nothing(object at)
    {
        using var mounted = Mount.Tmpfs(folder["small"], "size=4m");

        var before = SampleModule.Make("example.com/before");
        var sample = SampleModule.Make("example.com/sample");
        var filling = false;
        await using (var store = await DiskStore.OpenAsync(folder["small"], async (step, _) =>
        {
            if (filling && step == (DiskStep)at)
            {
                await FillUpAsync(folder["small/ballast"]);
            }
        }))
        {
            await before.AdmitAsync(store);
            filling = true;
            try
            {
                await sample.AdmitAsync(store);
                await sample.AssertHeldAsync(store);
            }
            catch (StoreFailedException error)
            {
                Assert.True(error.NoSpace, error.ToString());
                await sample.AssertAbsentAsync(store);
            }

            filling = false;
            await before.AssertHeldAsync(store);
            File.Delete(folder["small/ballast"]);
            await sample.AdmitAsync(store);
        }

        await using var reopened = await DiskStore.OpenAsync(folder["small"]);
        await before.AssertHeldAsync(reopened);
        await sample.AssertHeldAsync(reopened);
    }

    [FactWithMounts]
    public async Task A_read_only_data_folder_is_refused_with_what_to_do()
    {
        await using (var store = await DiskStore.OpenAsync(folder["data"]))
        {
            await SampleModule.Make().AdmitAsync(store);
        }

        using var mounted = Mount.ReadOnly(folder["data"]);

        var error = await Assert.ThrowsAsync<StoreFailedException>(() => DiskStore.OpenAsync(folder["data"]));
        Assert.False(error.NoSpace);
        Assert.Contains("cannot be written to", error.Message, StringComparison.Ordinal);
    }

    [FactWithMounts]
    public async Task A_folder_that_becomes_read_only_goes_on_serving_and_refuses_the_new()
    {
        var sample = SampleModule.Make(fill: 100_000);
        await using var store = await DiskStore.OpenAsync(folder["data"]);
        await sample.AdmitAsync(store);
        using (var mounted = Mount.ReadOnly(folder["data"]))
        {
            await sample.AssertHeldAsync(store);
            var error = await Assert.ThrowsAsync<StoreFailedException>(
                () => SampleModule.Make("example.com/new").AdmitAsync(store));
            Assert.Contains("cannot be written to", error.Message, StringComparison.Ordinal);
            Assert.NotNull(await store.CheckWritableAsync(CancellationToken.None));
        }

        await SampleModule.Make("example.com/new").AdmitAsync(store);
        Assert.Null(await store.CheckWritableAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_folder_in_use_by_another_process_is_refused_until_that_one_is_killed()
    {
        await (await DiskStore.OpenAsync(folder["data"])).DisposeAsync();
        using var other = RealProcess.Start("flock", [folder["data/athens.lock"], "sh", "-c", "echo locked; read line"]);
        Assert.Equal("locked", await other.StandardOutput.ReadLineAsync());
        var error = await Assert.ThrowsAsync<StoreFailedException>(() => DiskStore.OpenAsync(folder["data"]));
        Assert.Contains("in use by another athens process", error.Message, StringComparison.Ordinal);
        other.Kill(entireProcessTree: true);
        await other.WaitForExitAsync();
        await other.StandardOutput.ReadToEndAsync();
        await (await DiskStore.OpenAsync(folder["data"])).DisposeAsync();
    }

    [Fact]
    public async Task A_database_of_a_newer_node_is_refused()
    {
        await (await DiskStore.OpenAsync(folder["data"])).DisposeAsync();
        await using (var connection = new SqliteConnection($"Data Source={folder["data/athens.db"]};Pooling=False"))
        {
            connection.Open();
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 99";
            command.ExecuteNonQuery();
        }

        var error = await Assert.ThrowsAsync<StoreFailedException>(() => DiskStore.OpenAsync(folder["data"]));
        Assert.Contains("newer athens", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_container_opens_the_store_and_closes_it()
    {
        var services = new ServiceCollection();
        services.AddSingleton(TimeProvider.System);
        services.AddLogging();
        services.AddStorage(new StorageOptions { MinFree = 0 }, folder["data"]);
        await using (var provider = services.BuildServiceProvider())
        {
            Assert.Single(provider.GetServices<IHostedService>());
            await SampleModule.Make().AdmitAsync(provider.GetRequiredService<IModuleStore>());
        }

        await using var store = await DiskStore.OpenAsync(folder["data"]);
        await SampleModule.Make().AssertHeldAsync(store);
    }

    [Fact]
    public void The_system_s_sqlite_is_used_where_there_is_one()
    {
        var description = SqliteLibrary.Describe();
        Assert.Matches(@"^3\.\d+\.\d+ \((libsqlite3\.so\.0|bundled)\)$", description);
        if (File.Exists("/usr/lib/x86_64-linux-gnu/libsqlite3.so.0"))
        {
            Assert.Contains("libsqlite3.so.0", description, StringComparison.Ordinal);
        }
    }

    private static async Task FillUpAsync(string path)
    {
        await using var ballast = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (var chunk = 64 << 10; chunk >= 512; chunk /= 2)
        {
            try
            {
                while (true)
                {
                    await ballast.WriteAsync(new byte[chunk]);
                }
            }
            catch (IOException)
            {
                // Full for this size; smaller pieces may still fit.
            }
        }
    }
}
