using System.IO.Compression;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Storage;

namespace Athens.Federation.Tests.Storage;

/// <summary>Files changed behind the store's back: never served, kept as evidence, restored by the same hashes only.</summary>
public sealed class DiskDamageTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder data = new();
    private DiskModuleStore? opened;

    private DiskModuleStore Store => opened!;

    public static TheoryData<string, int> EveryFile => new()
    {
        { nameof(ModuleFileKind.Info), 0 },
        { nameof(ModuleFileKind.Mod), 0 },
        { nameof(ModuleFileKind.Zip), 0 },
        { nameof(ModuleFileKind.Zip), 200_000 },
    };

    public async Task InitializeAsync() => opened = await DiskStore.OpenAsync(data.Path);

    public async Task DisposeAsync() => await Store.DisposeAsync();

    public void Dispose() => data.Dispose();

    [Theory]
    [MemberData(nameof(EveryFile))]
    public async Task A_flipped_bit_is_never_served_and_the_same_hashes_restore(string name, int fill)
    {
        var kind = Enum.Parse<ModuleFileKind>(name);
        var sample = SampleModule.Make(fill: fill);
        var stored = (await sample.AdmitAsync(Store)).Facts;
        await sample.AssertHeldAsync(Store);
        FlipOneBit(PathOf(sample, kind));

        Assert.Null(await SampleModule.ReadAsync(Store, sample.Module, kind));
        Assert.Equal(stored, await Store.FindAsync(sample.Module, CancellationToken.None));
        Assert.False(File.Exists(PathOf(sample, kind)));
        Assert.Single(Evidence());

        Assert.True((await SampleModule.Make(text: "tampered", fill: fill).AdmitAsync(Store)).Conflicts);
        Assert.Null(await SampleModule.ReadAsync(Store, sample.Module, kind));
        var again = await sample.AdmitAsync(Store);
        Assert.False(again.Conflicts);
        Assert.Equal(stored, again.Facts);
        await sample.AssertHeldAsync(Store);
    }

    [Theory]
    [MemberData(nameof(EveryFile))]
    public async Task A_missing_or_truncated_file_is_not_held_until_restored(string name, int fill)
    {
        var kind = Enum.Parse<ModuleFileKind>(name);
        var sample = SampleModule.Make(fill: fill);
        await sample.AdmitAsync(Store);
        File.Delete(PathOf(sample, kind));
        Assert.Null(await SampleModule.ReadAsync(Store, sample.Module, kind));
        await sample.AdmitAsync(Store);
        await sample.AssertHeldAsync(Store);

        await using (var file = new FileStream(PathOf(sample, kind), FileMode.Open))
        {
            file.SetLength(file.Length - 1);
        }

        Assert.Null(await SampleModule.ReadAsync(Store, sample.Module, kind));
        await sample.AdmitAsync(Store);
        await sample.AssertHeldAsync(Store);
    }

    [Fact]
    public async Task A_zip_packed_otherwise_with_the_same_hash_restores_a_damaged_one()
    {
        var sample = SampleModule.Make();
        var stored = (await sample.AdmitAsync(Store)).Facts;
        FlipOneBit(PathOf(sample, ModuleFileKind.Zip));
        var packedOtherwise = SampleModule.Make(level: CompressionLevel.NoCompression);
        var outcome = await packedOtherwise.AdmitAsync(Store);
        Assert.Equal(stored with { Zip = packedOtherwise.Facts.Zip }, outcome.Facts);
        await packedOtherwise.AssertHeldAsync(Store);
        await Store.DisposeAsync();
        await InitializeAsync();
        await packedOtherwise.AssertHeldAsync(Store);
    }

    [Fact]
    public async Task Many_readers_of_a_damaged_file_all_get_nothing_and_one_piece_of_evidence_is_kept()
    {
        var sample = SampleModule.Make(fill: 2 << 20);
        await sample.AdmitAsync(Store);
        FlipOneBit(PathOf(sample, ModuleFileKind.Zip));
        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(
            () => SampleModule.ReadAsync(Store, sample.Module, ModuleFileKind.Zip))));
        Assert.All(answers, Assert.Null);
        Assert.Single(Evidence());
    }

    [Fact]
    public async Task A_good_file_of_another_inode_is_hashed_again_and_served()
    {
        var sample = SampleModule.Make(fill: 200_000);
        await sample.AdmitAsync(Store);
        await sample.AssertHeldAsync(Store);
        File.Copy(PathOf(sample, ModuleFileKind.Zip), data["copy"]);
        File.Move(data["copy"], PathOf(sample, ModuleFileKind.Zip), overwrite: true);
        await sample.AssertHeldAsync(Store);
        Assert.Equal(2, Store.OpenFiles.Verifications);
    }

    [Fact]
    public async Task Readers_racing_with_restoring_see_the_right_bytes_or_none()
    {
        var sample = SampleModule.Make(fill: 200_000);
        await sample.AdmitAsync(Store);
        for (var round = 0; round < 20; round++)
        {
            FlipOneBit(PathOf(sample, ModuleFileKind.Zip));
            var readers = Enumerable.Range(0, 8).Select(_ => Task.Run(
                () => SampleModule.ReadAsync(Store, sample.Module, ModuleFileKind.Zip)));
            var restoring = Task.Run(() => sample.AdmitAsync(Store));
            foreach (var read in await Task.WhenAll(readers))
            {
                Assert.True(read is null || read.AsSpan().SequenceEqual(sample.Zip));
            }

            await restoring;
            await sample.AssertHeldAsync(Store);
        }
    }

    private string[] Evidence() => Directory.GetFiles(data["evidence"], "*", SearchOption.AllDirectories);

    private string PathOf(SampleModule sample, ModuleFileKind kind) => new StoreLayout(data.Path).File(sample.Module, kind);

    internal static void FlipOneBit(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
    }
}
