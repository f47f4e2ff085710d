using System.Diagnostics;

namespace Athens.Federation.Tests.Integration;

/// <summary>A test that mounts a small file system; skipped, and counted as such, where mounting is not allowed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactWithMountsAttribute : FactAttribute
{
    private static readonly Lazy<bool> Allowed = new(() =>
    {
        var probe = Directory.CreateTempSubdirectory("athens-mount-");
        try
        {
            using var mount = Mount.Tmpfs(probe.FullName, "size=1m");
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
        finally
        {
            probe.Delete();
        }
    });

    public FactWithMountsAttribute()
    {
        if (!Allowed.Value)
        {
            Skip = "mounting a tmpfs needs root";
        }
    }
}

/// <summary>A tmpfs at a folder, gone with this object.</summary>
internal sealed class Mount : IDisposable
{
    private readonly string folder;

    private Mount(string folder) => this.folder = folder;

    public static Mount Tmpfs(string folder, string options)
    {
        Directory.CreateDirectory(folder);
        Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder);
        return new Mount(folder);
    }

    public void MakeReadOnly() => Run("mount", "-o", "remount,ro", folder);

    public void Dispose() => Run("umount", "-l", folder);

    private static void Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{command} {string.Join(' ', arguments)}: {errors}");
        }
    }
}
