using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Athens.Federation.Tests.Storage;

public sealed class DiskModuleStoreTests : ModuleStoreConformance, IDisposable
{
    private readonly TemporaryFolder data = new();

    private protected override Task<IOpenModuleStore> OpenAsync() => ModuleStores.OpenAsync(
        new StorageOptions { MinFree = 0 }, data.Path, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);

    public void Dispose() => data.Dispose();

    [Fact]
    public async Task Files_lie_as_in_Go_s_own_cache()
    {
        var sample = SampleModule.Make("github.com/BurntSushi/toml", "v1.0.0-RC.1");
        await sample.AdmitAsync(Store);
        await SampleModule.Make("github.com/BurntSushi/toml", "v0.3.1").AdmitAsync(Store);
        var folder = Path.Combine(data.Path, "download/github.com/!burnt!sushi/toml/@v");
        Assert.Equal(
            ["list", "v0.3.1.info", "v0.3.1.mod", "v0.3.1.zip", "v0.3.1.ziphash",
             "v1.0.0-!r!c.1.info", "v1.0.0-!r!c.1.mod", "v1.0.0-!r!c.1.zip", "v1.0.0-!r!c.1.ziphash"],
            Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal("v0.3.1\nv1.0.0-RC.1\n", await File.ReadAllTextAsync(Path.Combine(folder, "list")));
        Assert.Equal(sample.Facts.ZipHash, await File.ReadAllTextAsync(Path.Combine(folder, "v1.0.0-!r!c.1.ziphash")));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(data.Path, "tmp")));
    }

    [Theory]
    [InlineData("v1.10.0 v1.2.0 v1.2.0-rc.1", "v1.2.0-rc.1\nv1.2.0\nv1.10.0\n")]
    [InlineData("v1.0.0 v0.0.0-20200101000000-abcdefabcdef", "v1.0.0\n")]
    [InlineData("v0.0.0-20210101000000-abcdefabcdef v0.0.0-20200101000000-abcdefabcdef",
        "v0.0.0-20200101000000-abcdefabcdef\nv0.0.0-20210101000000-abcdefabcdef\n")]
    public void A_list_has_tagged_versions_and_pseudo_versions_only_where_there_are_no_others(string held, string list) =>
        Assert.Equal(list, VersionLists.Text(held.Split(' ')));

    [Fact]
    public async Task All_is_there_after_a_restart_and_time_goes_on()
    {
        var samples = Enumerable.Range(0, 20).Select(n => SampleModule.Make(version: $"v1.{n}.0")).ToList();
        var last = DateTimeOffset.MinValue;
        foreach (var sample in samples)
        {
            last = (await sample.AdmitAsync(Store)).Facts.StoredAt;
        }

        await Store.DisposeAsync();
        await InitializeAsync();
        foreach (var sample in samples)
        {
            await sample.AssertHeldAsync(Store);
        }

        Assert.True((await SampleModule.Make(version: "v2.0.0+incompatible").AdmitAsync(Store)).Facts.StoredAt > last);
    }

    [Fact]
    public async Task A_clock_that_goes_back_does_not_take_the_order_back()
    {
        await Store.DisposeAsync();
        var clock = new StoppedClock(DateTimeOffset.UnixEpoch.AddYears(50));
        await using (var store = await DiskStoreOpening.OpenAsync(
            data.Path, new DiskSettings(0, clock, NullLogger.Instance), CancellationToken.None))
        {
            var first = (await SampleModule.Make(version: "v1.0.0").AdmitAsync(store)).Facts.StoredAt;
            clock.Now = clock.Now.AddDays(-1);
            var second = (await SampleModule.Make(version: "v1.1.0").AdmitAsync(store)).Facts.StoredAt;
            Assert.Equal(first.AddMicroseconds(1), second);
        }

        await InitializeAsync();
    }

    [Fact]
    public async Task Many_more_big_files_than_may_be_open_are_all_served()
    {
        var samples = Enumerable.Range(0, OpenFiles.MaxOpen + 20)
            .Select(n => SampleModule.Make(version: $"v1.{n}.0", fill: StoredFile.InMemoryLimit)).ToList();
        await Task.WhenAll(samples.Select(sample => Task.Run(() => sample.AdmitAsync(Store))));
        foreach (var sample in samples.Concat(samples))
        {
            Assert.Equal(sample.Zip, await SampleModule.ReadAsync(Store, sample.Module, ModuleFileKind.Zip));
        }
    }

    [Fact]
    public async Task A_big_file_is_hashed_once_however_many_open_it_first()
    {
        var store = (DiskModuleStore)Store;
        var sample = SampleModule.Make(fill: 5 << 20);
        await sample.AdmitAsync(store);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(
            async () => (await store.OpenAsync(sample.Module, ModuleFileKind.Zip, CancellationToken.None))!.Dispose())));
        Assert.Equal(1, store.OpenFiles.Verifications);
    }

    [Fact]
    public async Task A_big_file_that_was_checked_before_it_was_stored_is_not_hashed_again()
    {
        var store = (DiskModuleStore)Store;
        var sample = SampleModule.Make(fill: 1 << 20);
        await AdmitSealedAsync(store, sample, changed: false);
        await sample.AssertHeldAsync(store);
        await sample.AssertHeldAsync(store);
        Assert.Equal(0, store.OpenFiles.Verifications);
    }

    [Fact]
    public async Task A_big_file_that_was_written_after_its_check_is_hashed_and_refused()
    {
        var store = (DiskModuleStore)Store;
        var sample = SampleModule.Make(fill: 1 << 20);
        await AdmitSealedAsync(store, sample, changed: true);
        Assert.Null(await SampleModule.ReadAsync(store, sample.Module, ModuleFileKind.Zip));
        Assert.Equal(1, store.OpenFiles.Verifications);
    }

    private static async Task AdmitSealedAsync(DiskModuleStore store, SampleModule sample, bool changed)
    {
        await using var staged = await store.StageAsync(sample.Module, CancellationToken.None);
        await sample.FillAsync(staged);
        File.SetLastWriteTimeUtc(staged.ZipPath, DateTime.UtcNow.AddSeconds(-10)); // the clock of files ticks slowly
        staged.Seal();
        if (changed)
        {
            await using var zip = File.OpenWrite(staged.ZipPath);
            zip.WriteByte(0);
        }

        await store.AdmitAsync(staged, sample.Facts, CancellationToken.None);
    }

    [Fact]
    public async Task Less_free_space_than_asked_for_refuses_new_modules_and_keeps_serving()
    {
        var sample = SampleModule.Make();
        await sample.AdmitAsync(Store);
        await Store.DisposeAsync();
        await using (var store = await DiskStore.OpenAsync(data.Path, minFree: long.MaxValue))
        {
            var error = await Assert.ThrowsAsync<StoreFailedException>(
                () => SampleModule.Make(version: "v1.1.0").AdmitAsync(store));
            Assert.True(error.NoSpace);
            Assert.Contains("min_free", error.Message, StringComparison.Ordinal);
            Assert.Contains("min_free", await store.CheckWritableAsync(CancellationToken.None), StringComparison.Ordinal);
            await sample.AssertHeldAsync(store);
        }

        await InitializeAsync();
    }

    private sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
