using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Athens.Federation.Tests.Storage;

public sealed class StoreMaintenanceTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly RecordedFindings findings = new();

    private StoreMaintenance Maintenance => new(folder["data"], TimeProvider.System, NullLoggerFactory.Instance);

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Verifying_a_sound_store_finds_nothing()
    {
        await FillAsync(SampleModule.Make(), SampleModule.Make("example.com/big", fill: 100_000));
        var report = await Maintenance.VerifyAsync(findings, CancellationToken.None);
        Assert.Equal(new StoreReport(2, 0, 0, 0), report);
        Assert.Empty(findings.All);
    }

    [Fact]
    public async Task Verifying_sets_damaged_files_aside_and_mends_what_can_be_derived()
    {
        SampleModule good = SampleModule.Make(), flipped = SampleModule.Make("example.com/flipped");
        SampleModule missing = SampleModule.Make("example.com/missing"), strange = SampleModule.Make("example.com/strange");
        await FillAsync(good, flipped, missing);
        var layout = new StoreLayout(folder["data"]);
        DiskDamageTests.FlipOneBit(layout.File(flipped.Module, ModuleFileKind.Zip));
        File.Delete(layout.File(missing.Module, ModuleFileKind.Mod));
        await File.WriteAllTextAsync(layout.ListFile(good.Module.Path), "v9.9.9\n");
        await File.WriteAllTextAsync(layout.ZipHashFile(good.Module), "h1:wrong");
        WriteTree(layout.Download, strange);

        var report = await Maintenance.VerifyAsync(findings, CancellationToken.None);
        Assert.Equal(new StoreReport(1, 0, 3, 0), report);
        Assert.Equal(["example.com/flipped@v1.0.0"], findings.Of(FindingKind.Damaged));
        Assert.Equal(["example.com/missing@v1.0.0"], findings.Of(FindingKind.Missing));
        Assert.Equal(["example.com/strange@v1.0.0"], findings.Of(FindingKind.Unknown));
        Assert.Equal("v1.0.0\n", await File.ReadAllTextAsync(layout.ListFile(good.Module.Path)));
        Assert.Equal(good.Facts.ZipHash, await File.ReadAllTextAsync(layout.ZipHashFile(good.Module)));
        Assert.False(File.Exists(layout.File(flipped.Module, ModuleFileKind.Zip)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_lost_or_damaged_database_is_rebuilt_from_the_files(bool damaged)
    {
        var samples = Enumerable.Range(0, 10).Select(n => SampleModule.Make($"example.com/m{n % 3}", $"v1.{n}.0")).ToArray();
        await FillAsync(samples);
        if (damaged)
        {
            await File.WriteAllBytesAsync(folder["data/athens.db"], new byte[8192]);
            var bytes = Enumerable.Repeat((byte)0x5a, 8192).ToArray();
            await File.WriteAllBytesAsync(folder["data/athens.db"], bytes);
            var error = await Assert.ThrowsAsync<StoreFailedException>(() => DiskStore.OpenAsync(folder["data"]));
            Assert.Contains("athens store rebuild", error.Message, StringComparison.Ordinal);
        }
        else
        {
            File.Delete(folder["data/athens.db"]);
        }

        var report = await Maintenance.RebuildAsync(findings, CancellationToken.None);
        Assert.Equal(new StoreReport(0, 10, 0, 0), report);
        Assert.Equal(damaged, Directory.Exists(folder["data/evidence/database"]));
        await using var store = await DiskStore.OpenAsync(folder["data"]);
        foreach (var sample in samples)
        {
            await sample.AssertHeldAsync(store);
            var facts = await store.FindAsync(sample.Module, CancellationToken.None);
            Assert.Equal(sample.Facts with { Source = "import", GoVersion = "", Origin = null, StoredAt = facts!.StoredAt }, facts);
        }
    }

    [Fact]
    public async Task Damage_in_the_middle_of_the_database_is_found_and_rebuilt()
    {
        var samples = Enumerable.Range(0, 60).Select(n => SampleModule.Make($"example.com/m{n}")).ToArray();
        await FillAsync(samples);
        var bytes = await File.ReadAllBytesAsync(folder["data/athens.db"]);
        bytes.AsSpan(bytes.Length / 2, 2048).Fill(0xff);
        await File.WriteAllBytesAsync(folder["data/athens.db"], bytes);
        await Assert.ThrowsAsync<StoreFailedException>(() => Maintenance.VerifyAsync(null, CancellationToken.None));
        Assert.Equal(60, (await Maintenance.RebuildAsync(findings, CancellationToken.None)).Added);
        Assert.Equal(60, (await Maintenance.VerifyAsync(null, CancellationToken.None)).Good);
    }

    [Fact]
    public async Task Rebuilding_keeps_facts_that_agree_and_reports_those_that_do_not()
    {
        SampleModule kept = SampleModule.Make(), changed = SampleModule.Make("example.com/changed");
        SampleModule fresh = SampleModule.Make("example.com/fresh"), broken = SampleModule.Make("example.com/broken");
        var stored = await FillAsync(kept, changed);
        var layout = new StoreLayout(folder["data"]);
        await File.WriteAllBytesAsync(
            layout.File(changed.Module, ModuleFileKind.Zip), SampleModule.Make("example.com/changed", text: "tampered").Zip);
        WriteTree(layout.Download, fresh);
        WriteTree(layout.Download, broken);
        DiskDamageTests.FlipOneBit(layout.File(broken.Module, ModuleFileKind.Zip));

        var report = await Maintenance.RebuildAsync(findings, CancellationToken.None);
        Assert.Equal(new StoreReport(1, 1, 2, 1), report);
        Assert.Equal(["example.com/changed@v1.0.0"], findings.Of(FindingKind.Conflict));
        Assert.Equal(["example.com/broken@v1.0.0"], findings.Of(FindingKind.Invalid));
        await using var store = await DiskStore.OpenAsync(folder["data"]);
        Assert.Equal(stored[0], await store.FindAsync(kept.Module, CancellationToken.None));
        Assert.Equal(stored[1], await store.FindAsync(changed.Module, CancellationToken.None));
        await fresh.AssertHeldAsync(store);
        Assert.Null(await SampleModule.ReadAsync(store, changed.Module, ModuleFileKind.Zip));
    }

    [Fact]
    public async Task Importing_takes_complete_module_versions_and_reports_the_rest()
    {
        var tree = folder["cache/download"];
        SampleModule whole = SampleModule.Make("github.com/Some/Thing"), partial = SampleModule.Make("example.com/partial");
        SampleModule liar = SampleModule.Make("example.com/liar"), held = SampleModule.Make("example.com/held");
        WriteTree(tree, whole);
        WriteTree(tree, partial);
        WriteTree(tree, liar);
        WriteTree(tree, SampleModule.Make("example.com/held", text: "other"));
        File.Delete(Path.Combine(tree, "example.com/partial/@v/v1.0.0.zip"));
        await File.WriteAllTextAsync(Path.Combine(tree, "example.com/liar/@v/v1.0.0.ziphash"), held.Facts.ZipHash);
        await File.WriteAllTextAsync(Path.Combine(tree, "example.com/liar/@v/master.info"), "{}");
        await FillAsync(held);

        var report = await Maintenance.ImportAsync(folder["."], 0, findings, CancellationToken.None);
        Assert.Equal(new StoreReport(0, 1, 2, 1), report);
        Assert.Equal(["example.com/partial@v1.0.0"], findings.Of(FindingKind.Partial));
        Assert.Equal(["example.com/liar@v1.0.0"], findings.Of(FindingKind.Invalid));
        Assert.Equal(["example.com/held@v1.0.0"], findings.Of(FindingKind.Conflict));
        await using var store = await DiskStore.OpenAsync(folder["data"]);
        await whole.AssertHeldAsync(store);
        await held.AssertHeldAsync(store);
        Assert.Equal("import", (await store.FindAsync(whole.Module, CancellationToken.None))!.Source);
    }

    [Fact]
    public async Task A_running_node_keeps_maintenance_out()
    {
        await using var store = await DiskStore.OpenAsync(folder["data"]);
        var error = await Assert.ThrowsAsync<StoreFailedException>(
            () => Maintenance.VerifyAsync(null, CancellationToken.None));
        Assert.Contains("in use", error.Message, StringComparison.Ordinal);
    }

    internal static void WriteTree(string tree, SampleModule sample)
    {
        var layout = new StoreLayout(Path.GetDirectoryName(tree)!);
        Directory.CreateDirectory(layout.VersionsFolder(sample.Module.Path));
        foreach (var kind in Enum.GetValues<ModuleFileKind>())
        {
            File.WriteAllBytes(layout.File(sample.Module, kind), sample[kind]);
        }

        File.WriteAllText(layout.ZipHashFile(sample.Module), sample.Facts.ZipHash);
    }

    private async Task<List<ModuleFacts>> FillAsync(params SampleModule[] samples)
    {
        await using var store = await DiskStore.OpenAsync(folder["data"]);
        var stored = new List<ModuleFacts>();
        foreach (var sample in samples)
        {
            stored.Add((await sample.AdmitAsync(store)).Facts);
        }

        return stored;
    }
}
