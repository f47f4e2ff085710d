using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Athens.Federation.Tests.Storage;

public sealed class MemoryModuleStoreTests : ModuleStoreConformance
{
    private protected override Task<IOpenModuleStore> OpenAsync() => ModuleStores.OpenAsync(
        new StorageOptions { Kind = StorageKind.Memory, MemoryLimit = 10 << 20 },
        "",
        TimeProvider.System,
        NullLoggerFactory.Instance,
        CancellationToken.None);

    [Fact]
    public async Task Beyond_its_limit_it_takes_nothing_and_says_so()
    {
        for (var n = 0; n < 3; n++)
        {
            await SampleModule.Make(version: $"v1.{n}.0", fill: 3 << 20).AdmitAsync(Store);
        }

        var tooMuch = SampleModule.Make(version: "v1.9.0", fill: 3 << 20);
        var error = await Assert.ThrowsAsync<StoreFailedException>(() => tooMuch.AdmitAsync(Store));
        Assert.True(error.NoSpace);
        Assert.Contains("memory_limit", error.Message, StringComparison.Ordinal);
        Assert.Null(await Store.FindAsync(tooMuch.Module, CancellationToken.None));
    }

    [Fact]
    public async Task Its_staging_folder_goes_with_it()
    {
        var store = await OpenAsync();
        var staged = await store.StageAsync(SampleModule.Make().Module, CancellationToken.None);
        await store.DisposeAsync();
        Assert.False(Directory.Exists(Path.GetDirectoryName(Path.GetDirectoryName(staged.ZipPath))));
        await staged.DisposeAsync();
    }
}
