using Athens.Federation.Node.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Athens.Federation.Tests.Storage;

/// <summary>The real <c>go</c> with GOPROXY=file://, on the folder as it lies there; and its own cache taken in.</summary>
public sealed class FileProxyTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose()
    {
        // Go makes its cache read-only.
        if (Directory.Exists(folder["gopath"]))
        {
            RealProcess.RunAsync("chmod", ["-R", "u+w", folder["gopath"]]).GetAwaiter().GetResult();
        }

        folder.Dispose();
    }

    [Fact]
    public async Task Go_builds_from_the_folder_and_its_cache_can_be_imported()
    {
        SampleModule[] samples =
        [
            SampleModule.Make("example.com/Capital/Thing", "v1.0.0"),
            SampleModule.Make("example.com/Capital/Thing", "v1.2.0-RC.1"),
            SampleModule.Make("example.com/major/v2", "v2.1.0"),
            SampleModule.Make("example.com/pseudo", "v0.0.0-20200101000000-abcdefabcdef"),
            SampleModule.Make("example.com/pseudo", "v0.0.0-20210101000000-abcdefabcdef"),
        ];
        await using (var store = await DiskStore.OpenAsync(folder["data"]))
        {
            await Task.WhenAll(samples.Select(sample => sample.AdmitAsync(store)));
        }

        Directory.CreateDirectory(folder["program"]);
        await File.WriteAllTextAsync(folder["program/go.mod"], "module program\n\ngo 1.19\n");
        Assert.Equal("example.com/Capital/Thing v1.0.0 v1.2.0-RC.1\n", await GoAsync("list", "-m", "-versions", "example.com/Capital/Thing"));
        Assert.Equal("example.com/pseudo v0.0.0-20210101000000-abcdefabcdef\n", await GoAsync("list", "-m", "example.com/pseudo@latest"));
        Assert.Equal("example.com/major/v2 v2.1.0\n", await GoAsync("list", "-m", "example.com/major/v2@latest"));
        await GoAsync("get", "example.com/Capital/Thing@latest", "example.com/major/v2@latest", "example.com/pseudo@latest");
        Assert.Contains(samples[0].Facts.ZipHash, await File.ReadAllTextAsync(folder["program/go.sum"]), StringComparison.Ordinal);

        var imported = new StoreMaintenance(folder["other"], TimeProvider.System, NullLoggerFactory.Instance);
        var report = await imported.ImportAsync(folder["gopath"], 0, null, CancellationToken.None);
        Assert.Equal(new StoreReport(0, 3, 0, 0), report);
        Assert.Equal(3, (await imported.VerifyAsync(null, CancellationToken.None)).Good);
    }

    private async Task<string> GoAsync(params string[] arguments)
    {
        var (code, said) = await RealProcess.RunAsync("go", arguments, folder["program"], new()
        {
            ["GOPROXY"] = "file://" + folder["data/download"],
            ["GOSUMDB"] = "off",
            ["GOFLAGS"] = "-mod=mod",
            ["GOPATH"] = folder["gopath"],
            ["GOMODCACHE"] = folder["gopath/pkg/mod"],
            ["GOCACHE"] = folder["gocache"],
            ["GOTOOLCHAIN"] = "local",
            ["GOENV"] = "off",
        });
        Assert.True(code == 0, said);
        return said;
    }
}
