using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text.Json;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Integration;

/// <summary>A <c>go</c> that lies, and disks that fail: refused with the right status and a reason, nothing stored, nothing lost.</summary>
public sealed class RefusalTests : IDisposable
{
    private const string Module = "example.org/lie";

    private readonly NodeFolder folder = new();

    public static TheoryData<string, HttpStatusCode, string> Lies => new()
    {
        { "truncated", HttpStatusCode.BadGateway, "zip" },
        { "empty", HttpStatusCode.BadGateway, "zip" },
        { "oversize", HttpStatusCode.Forbidden, "500 MiB" },
        { "bit-flipped", HttpStatusCode.BadGateway, "zip" },
        { "traversal", HttpStatusCode.BadGateway, "file name" },
        { "wrong-prefix", HttpStatusCode.BadGateway, "example.org/lie@v1.0.0/" },
        { "two-cases", HttpStatusCode.BadGateway, "case" },
        { "nested-go.mod", HttpStatusCode.BadGateway, "go.mod" },
        { "other-mod", HttpStatusCode.Forbidden, "go.mod" },
        { "wrong-sum", HttpStatusCode.Forbidden, "h1:" },
        { "wrong-mod-sum", HttpStatusCode.Forbidden, "h1:" },
        { "wrong-version", HttpStatusCode.InternalServerError, "does not name that version" },
        { "no-files", HttpStatusCode.InternalServerError, "" },
        { "garbage", HttpStatusCode.InternalServerError, "" },
    };

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_lie_of_go_is_refused_and_nothing_is_stored(string lie, HttpStatusCode status, string reason)
    {
        WriteLyingGo(lie);
        await using var node = await folder.StartAsync();
        foreach (var kind in new[] { "zip", "info", "mod" })
        {
            using var answer = await node.Client.GetAsync($"/{Module}/@v/v1.0.0.{kind}");
            var body = await answer.Content.ReadAsStringAsync();
            Assert.True(status == answer.StatusCode, $"{lie} .{kind}: {(int)answer.StatusCode}, not {(int)status}\n{body}\n{node.Output}");
            Assert.Contains(reason, body, StringComparison.Ordinal);
            Assert.DoesNotContain(folder.Data, body, StringComparison.Ordinal);
            Assert.Equal("text/plain", answer.Content.Headers.ContentType!.MediaType);
        }

        Assert.Equal("", await node.Client.GetStringAsync("/index"));
        AssertNothingStored();
    }

    [Fact]
    public async Task Other_bytes_for_a_held_module_version_are_a_conflict_and_the_held_ones_stay()
    {
        WriteLyingGo("none");
        byte[] original;
        await using (var node = await folder.StartAsync())
        {
            original = await node.Client.GetByteArrayAsync($"/{Module}/@v/v1.0.0.zip");
            await node.StopAsync();
        }

        // The file is lost on disk; upstream has moved its tag meanwhile.
        var zip = Path.Combine(folder.Download, Module, "@v", "v1.0.0.zip");
        await File.WriteAllBytesAsync(zip, original[..^1]);
        WriteLyingGo("moved-tag");
        await using (var node = await folder.StartAsync())
        {
            using var answer = await node.Client.GetAsync($"/{Module}/@v/v1.0.0.zip");
            var body = await answer.Content.ReadAsStringAsync();
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Contains("h1:", body, StringComparison.Ordinal);
            await node.StopAsync();
        }

        WriteLyingGo("none");
        await using (var node = await folder.StartAsync())
        {
            Assert.Equal(original, await node.Client.GetByteArrayAsync($"/{Module}/@v/v1.0.0.zip"));
        }
    }

    [FactWithMounts]
    public async Task A_full_disk_is_507_and_held_modules_go_on_being_served()
    {
        using var mount = Mount.Tmpfs(folder.Data, "size=3m");
        folder.Sections = "[storage]\nmin_free = 0\n";
        folder.Upstream["goproxy"] = $"\"file://{WriteProxy(small: 50_000, big: 6_000_000)}\"";
        await using var node = await folder.StartAsync();
        var held = await node.Client.GetByteArrayAsync($"/{Module}/@v/v1.0.0.zip");
        using var answer = await node.Client.GetAsync($"/{Module}/@v/v1.1.0.zip");
        Assert.Equal(HttpStatusCode.InsufficientStorage, answer.StatusCode);
        Assert.Contains("space", await answer.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(held, await node.Client.GetByteArrayAsync($"/{Module}/@v/v1.0.0.zip"));
        Assert.Equal(Module, Assert.Single(await IndexAsync(node)));
        Assert.DoesNotContain(Directory.EnumerateFiles(folder.Download, "v1.1.0.*", SearchOption.AllDirectories), _ => true);
    }

    [FactWithMounts]
    public async Task A_data_folder_gone_read_only_refuses_misses_and_serves_hits()
    {
        using var mount = Mount.Tmpfs(folder.Data, "size=64m");
        folder.Upstream["goproxy"] = $"\"file://{WriteProxy(small: 50_000, big: 100_000)}\"";
        folder.Sections = "[storage]\nmin_free = 0\n";
        await using var node = await folder.StartAsync();
        var held = await node.Client.GetByteArrayAsync($"/{Module}/@v/v1.0.0.zip");
        mount.MakeReadOnly();
        using var ready = await node.Client.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        using var answer = await node.Client.GetAsync($"/{Module}/@v/v1.1.0.zip");
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Contains("read-only", await answer.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(held, await node.Client.GetByteArrayAsync($"/{Module}/@v/v1.0.0.zip"));
    }


    private static async Task<string[]> IndexAsync(NodeProcess node) =>
        [.. (await node.Client.GetStringAsync("/index")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("Path").GetString()!)];

    private void AssertNothingStored()
    {
        Assert.Empty(Directory.Exists(folder.Download) ? Directory.EnumerateFiles(folder.Download, "*", SearchOption.AllDirectories) : []);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(folder.Data, "tmp"), "*.zip", SearchOption.AllDirectories));
    }

    private string WriteProxy(int small, int big)
    {
        var proxy = folder.Scratch("proxy/x");
        var directory = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(proxy)!, Module, "@v")).FullName;
        SyntheticProxy.WriteVersion(directory, Module, "v1.0.0", new byte[small]);
        SyntheticProxy.WriteVersion(directory, Module, "v1.1.0", new byte[big]);
        return Path.GetDirectoryName(proxy)!;
    }

    private void WriteLyingGo(string lie)
    {
        var files = Directory.CreateDirectory(folder.Scratch("lie-" + lie + Guid.NewGuid().ToString("N"))).FullName;
        SyntheticProxy.WriteVersion(files, Module, "v1.0.0", new byte[lie == "moved-tag" ? 5001 : 5000]);
        var zip = Path.Combine(files, "v1.0.0.zip");
        var sums = Sums(files);
        Spoil(lie, zip, files);
        var sum = lie == "wrong-sum" ? "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" : sums.Zip;
        var modSum = lie == "wrong-mod-sum" ? "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" : sums.Mod;
        var json = $$"""{"Path":"{{Module}}","Version":"v1.0.0","Info":"'$d'/v1.0.0.info","GoMod":"'$d'/v1.0.0.mod","Zip":"'$d'/v1.0.0.zip","Sum":"{{sum}}","GoModSum":"{{modSum}}"}""";
        folder.WriteGo($"""
            #!/bin/sh
            [ "$1" = env ] && exec go "$@"
            [ "$2" = download ] || exit 1
            d="$GOMODCACHE/cache/download/{Module}/@v"
            mkdir -p "$d"
            {(lie == "garbage" ? "head -c 100000 /dev/urandom; exit 0" : "")}
            {(lie == "no-files" ? "" : $"cp {files}/v1.0.0.* \"$d/\"")}
            echo '{json}'
            """);
    }

    /// <summary>The true sums, as go itself computes them.</summary>
    private static (string Zip, string Mod) Sums(string files)
    {
        using var proxy = new TemporaryFolder("sums");
        var directory = proxy.Folder(Module + "/@v");
        foreach (var file in Directory.EnumerateFiles(files))
        {
            File.Copy(file, Path.Combine(directory, Path.GetFileName(file)));
        }

        using var client = new GoClient("file://" + proxy.Path);
        var run = client.RunAsync(default, "mod", "download", "-json", Module + "@v1.0.0").GetAwaiter().GetResult().OrFail();
        using var answer = JsonDocument.Parse(run.Output);
        return (answer.RootElement.GetProperty("Sum").GetString()!, answer.RootElement.GetProperty("GoModSum").GetString()!);
    }

    private static void Spoil(string lie, string zip, string files)
    {
        switch (lie)
        {
            case "truncated":
                Resize(zip, new FileInfo(zip).Length / 2);
                break;
            case "empty":
                Resize(zip, 0);
                break;
            case "oversize":
                Resize(zip, (500L << 20) + 1);
                break;
            case "bit-flipped":
                var bytes = File.ReadAllBytes(zip);
                bytes[bytes.Length / 2] ^= 4;
                File.WriteAllBytes(zip, bytes);
                break;
            case "traversal":
                AddEntry(zip, $"{Module}@v1.0.0/../../../../etc/cron.d/x");
                break;
            case "wrong-prefix":
                AddEntry(zip, "example.org/other@v1.0.0/x.go");
                break;
            case "two-cases":
                AddEntry(zip, $"{Module}@v1.0.0/DOC.go");
                break;
            case "nested-go.mod":
                AddEntry(zip, $"{Module}@v1.0.0/sub/go.mod");
                break;
            case "other-mod":
                File.AppendAllText(Path.Combine(files, "v1.0.0.mod"), "\nrequire example.org/backdoor v1.0.0\n");
                break;
            case "wrong-version":
                File.WriteAllText(Path.Combine(files, "v1.0.0.info"), """{"Version":"v1.0.1","Time":"2026-01-02T03:04:05Z"}""");
                break;
            default:
                break;
        }
    }

    private static void Resize(string file, long length)
    {
        using var stream = File.Open(file, FileMode.Open);
        stream.SetLength(length);
    }

    private static void AddEntry(string zip, string name)
    {
        using var archive = ZipFile.Open(zip, ZipArchiveMode.Update);
        using var entry = archive.CreateEntry(name).Open();
        entry.Write("module x\n"u8);
    }
}
