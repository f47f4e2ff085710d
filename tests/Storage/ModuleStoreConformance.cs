using System.IO.Compression;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Storage;

namespace Athens.Federation.Tests.Storage;

/// <summary>What every store does. Each kind of store has a subclass that opens it.</summary>
public abstract class ModuleStoreConformance : IAsyncLifetime
{
    private IOpenModuleStore? opened;

    private protected IOpenModuleStore Store => opened!;

    private protected abstract Task<IOpenModuleStore> OpenAsync();

    public async Task InitializeAsync() => opened = await OpenAsync();

    public async Task DisposeAsync() => await Store.DisposeAsync();

    [Fact]
    public async Task What_was_never_admitted_is_not_held()
    {
        await SampleModule.Make().AssertAbsentAsync(Store);
        Assert.Empty((await Store.CatalogAsync("", 10, CancellationToken.None)).Modules);
        Assert.Empty(await Store.IndexAsync(DateTimeOffset.UnixEpoch, 10, CancellationToken.None));
    }

    [Theory]
    [InlineData("example.com/sample", "v1.0.0", 0)]
    [InlineData("github.com/BurntSushi/toml", "v1.0.0-RC.1", 0)]
    [InlineData("example.com/big/v2", "v2.3.4", 300_000)]
    [InlineData("example.com/old", "v2.0.0+incompatible", 0)]
    public async Task An_admitted_module_version_is_held_byte_for_byte(string path, string version, int fill)
    {
        var sample = SampleModule.Make(path, version, fill: fill);
        var outcome = await sample.AdmitAsync(Store);
        Assert.False(outcome.Conflicts);
        await sample.AssertHeldAsync(Store);
        Assert.Equal(sample.Facts with { StoredAt = outcome.Facts.StoredAt }, outcome.Facts);
        Assert.Equal(outcome.Facts, await Store.FindAsync(sample.Module, CancellationToken.None));
        Assert.Equal([outcome.Facts], await Store.HeldAsync(path, CancellationToken.None));
    }

    [Fact]
    public async Task A_file_knows_its_digest_and_when_it_was_stored()
    {
        var sample = SampleModule.Make(fill: 100_000);
        var outcome = await sample.AdmitAsync(Store);
        foreach (var kind in Enum.GetValues<ModuleFileKind>())
        {
            using var file = await Store.OpenAsync(sample.Module, kind, CancellationToken.None);
            Assert.Equal(sample.Facts[kind], file!.Digest);
            Assert.Equal(outcome.Facts.StoredAt, file.StoredAt);
        }
    }

    [Fact]
    public async Task A_staged_module_version_is_invisible_and_leaves_nothing()
    {
        var sample = SampleModule.Make();
        string zip;
        await using (var staged = await Store.StageAsync(sample.Module, CancellationToken.None))
        {
            await sample.FillAsync(staged);
            zip = staged.ZipPath;
            await sample.AssertAbsentAsync(Store);
        }

        Assert.False(Directory.Exists(Path.GetDirectoryName(zip)));
        await sample.AssertAbsentAsync(Store);
    }

    [Fact]
    public async Task Admitting_the_same_hashes_again_changes_nothing()
    {
        var first = await SampleModule.Make().AdmitAsync(Store);
        var packedOtherwise = SampleModule.Make(level: CompressionLevel.NoCompression);
        var second = await packedOtherwise.AdmitAsync(Store);
        Assert.NotEqual(first.Facts.Zip, packedOtherwise.Facts.Zip);
        Assert.Equal(first.Facts.ZipHash, packedOtherwise.Facts.ZipHash);
        Assert.False(second.Conflicts);
        Assert.Equal(first.Facts, second.Facts);
        await SampleModule.Make().AssertHeldAsync(Store);
    }

    [Fact]
    public async Task Other_hashes_under_a_held_name_conflict_and_change_nothing()
    {
        var original = SampleModule.Make();
        var first = await original.AdmitAsync(Store);
        var second = await SampleModule.Make(text: "tampered").AdmitAsync(Store);
        Assert.True(second.Conflicts);
        Assert.Equal(first.Facts, second.Facts);
        await original.AssertHeldAsync(Store);
    }

    [Fact]
    public async Task Facts_that_are_not_those_of_the_files_are_refused()
    {
        var sample = SampleModule.Make();
        await using var staged = await Store.StageAsync(sample.Module, CancellationToken.None);
        await sample.FillAsync(staged);
        staged.Mod = [1, 2, 3];
        await Assert.ThrowsAsync<ArgumentException>(
            () => Store.AdmitAsync(staged, sample.Facts, CancellationToken.None));
        await sample.AssertAbsentAsync(Store);
    }

    [Fact]
    public async Task Sixty_four_at_once_of_one_module_version_end_in_one()
    {
        var sample = SampleModule.Make();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => sample.AdmitAsync(Store))));
        Assert.All(outcomes, outcome => Assert.Equal(outcomes[0].Facts, outcome.Facts));
        Assert.Single(await Store.IndexAsync(DateTimeOffset.UnixEpoch, 100, CancellationToken.None));
    }

    [Fact]
    public async Task Sixty_four_different_ones_at_once_are_all_held_with_times_of_their_own()
    {
        var samples = Enumerable.Range(0, 64).Select(n => SampleModule.Make($"example.com/m{n % 8}", $"v1.{n}.0")).ToList();
        var outcomes = await Task.WhenAll(samples.Select(sample => Task.Run(() => sample.AdmitAsync(Store))));
        foreach (var sample in samples)
        {
            await sample.AssertHeldAsync(Store);
        }

        Assert.Equal(64, outcomes.Select(outcome => outcome.Facts.StoredAt).Distinct().Count());
        Assert.All(outcomes, outcome => Assert.Equal(0, outcome.Facts.StoredAt.Ticks % TimeSpan.TicksPerMicrosecond));
        Assert.Equal(8, (await Store.HeldAsync("example.com/m3", CancellationToken.None)).Count);
    }

    [Fact]
    public async Task The_catalog_is_paged_by_path_then_version_text()
    {
        string[] names = ["a.com/x@v1.0.0", "a.com/x@v1.10.0", "a.com/x@v1.2.0", "a.com/x-y@v1.0.0", "b.com/z/v3@v3.0.0"];
        foreach (var name in names.Reverse())
        {
            await SampleModule.Make(name.Split('@')[0], name.Split('@')[1]).AdmitAsync(Store);
        }

        var seen = new List<string>();
        var token = "";
        do
        {
            var page = await Store.CatalogAsync(token, 2, CancellationToken.None);
            Assert.InRange(page.Modules.Count, 1, 2);
            seen.AddRange(page.Modules.Select(module => module.ToString()));
            token = page.NextToken;
        }
        while (token.Length > 0);

        Assert.Equal(names.Order(StringComparer.Ordinal).OrderBy(name => name.Split('@')[0], StringComparer.Ordinal), seen);
    }

    [Theory]
    [InlineData("no token of ours")]
    [InlineData("@")]
    [InlineData("zzz@zzz@zzz")]
    [InlineData("\0")]
    public async Task Any_text_is_a_catalog_token(string token)
    {
        await SampleModule.Make().AdmitAsync(Store);
        var page = await Store.CatalogAsync(token, int.MaxValue, CancellationToken.None);
        Assert.InRange(page.Modules.Count, 0, 1);
        Assert.Equal("", page.NextToken);
        Assert.Single((await Store.CatalogAsync("", -5, CancellationToken.None)).Modules);
    }

    [Fact]
    public async Task The_index_tells_what_was_stored_at_or_after_a_time_oldest_first()
    {
        var stored = new List<ModuleFacts>();
        for (var n = 0; n < 5; n++)
        {
            stored.Add((await SampleModule.Make(version: $"v1.{5 - n}.0").AdmitAsync(Store)).Facts);
        }

        var all = await Store.IndexAsync(DateTimeOffset.UnixEpoch, 100, CancellationToken.None);
        Assert.Equal(stored.Select(facts => new IndexEntry(facts.Module, facts.StoredAt)), all);
        var some = await Store.IndexAsync(stored[1].StoredAt, 3, CancellationToken.None);
        Assert.Equal(all.Skip(1).Take(3), some);
        Assert.Equal(all.Skip(2), await Store.IndexAsync(stored[1].StoredAt.AddTicks(1), 100, CancellationToken.None));
        Assert.Empty(await Store.IndexAsync(stored[^1].StoredAt.AddTicks(10), 100, CancellationToken.None));
    }

    [Fact]
    public async Task A_path_that_begins_like_another_is_another()
    {
        await SampleModule.Make("example.com/a").AdmitAsync(Store);
        await SampleModule.Make("example.com/a/b").AdmitAsync(Store);
        Assert.Single(await Store.HeldAsync("example.com/a", CancellationToken.None));
        Assert.Empty(await Store.HeldAsync("example.com", CancellationToken.None));
    }

    [Fact]
    public async Task A_store_with_room_says_that_it_can_be_written_to() =>
        Assert.Null(await Store.CheckWritableAsync(CancellationToken.None));

    [Fact]
    public async Task A_lease_stays_good_while_others_come_and_go()
    {
        var sample = SampleModule.Make(fill: 100_000);
        await sample.AdmitAsync(Store);
        using var kept = await Store.OpenAsync(sample.Module, ModuleFileKind.Zip, CancellationToken.None);
        for (var n = 0; n < 10; n++)
        {
            (await Store.OpenAsync(sample.Module, ModuleFileKind.Zip, CancellationToken.None))!.Dispose();
        }

        Assert.Equal(sample.Zip, kept!.Handle is null ? kept.Bytes.ToArray() : Read(kept));
    }

    private static byte[] Read(StoredFile file)
    {
        var bytes = new byte[file.Length];
        Assert.Equal(bytes.Length, RandomAccess.Read(file.Handle!, bytes, 0));
        return bytes;
    }
}
