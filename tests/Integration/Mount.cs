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
    private bool covered;

    private Mount(string folder) => this.folder = folder;

    public static Mount Tmpfs(string folder, string options)
    {
        Directory.CreateDirectory(folder);
        Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder);
        return new Mount(folder);
    }

    /// <summary>
    /// For every file opened from now on. (The kernel does not let a file system go read-only under open writers, so a
    /// read-only view is laid over it.)
    /// </summary>
    public void MakeReadOnly()
    {
        Run("mount", "--bind", folder, folder);
        Run("mount", "-o", "remount,bind,ro", folder);
        covered = true;
    }

    public void Dispose()
    {
        if (covered)
        {
            Run("umount", "-l", folder);
        }

        Run("umount", "-l", folder);
    }

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
