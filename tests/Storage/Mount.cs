using System.Globalization;
using Xunit.Abstractions;

namespace Athens.Federation.Tests.Storage;

/// <summary>A real small or read-only file system, where this process may mount one; else the test prints SKIP.</summary>
internal sealed class Mount(string folder) : IAsyncDisposable
{
    public static Task<Mount?> TryTmpfsAsync(string folder, int megabytes, ITestOutputHelper output) =>
        TryAsync(folder, output, ["-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m"), "athens-test", folder]);

    /// <summary>The folder's own files, seen through a read-only mount.</summary>
    public static async Task<Mount?> TryReadOnlyAsync(string folder, ITestOutputHelper output)
    {
        var mount = await TryAsync(folder, output, ["--bind", folder, folder]);
        if (mount is not null)
        {
            var (code, said) = await RealProcess.RunAsync("mount", ["-o", "remount,ro,bind", folder]);
            Assert.True(code == 0, said);
        }

        return mount;
    }

    public async ValueTask DisposeAsync()
    {
        var (code, said) = await RealProcess.RunAsync("umount", ["-l", folder]);
        Assert.True(code == 0, said);
    }

    private static async Task<Mount?> TryAsync(string folder, ITestOutputHelper output, string[] arguments)
    {
        Directory.CreateDirectory(folder);
        var (code, said) = await RealProcess.RunAsync("mount", arguments);
        if (code == 0)
        {
            return new Mount(folder);
        }

        output.WriteLine($"SKIP: this process may not mount ({said.Trim()})");
        return null;
    }
}
