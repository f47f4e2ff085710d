using System.Diagnostics;

namespace Athens.Federation.Tests.Support;

/// <summary>A test that mounts a small file system; skipped, and counted as such, where mounting is not allowed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactWithMountsAttribute : FactAttribute
{
    public FactWithMountsAttribute() => Skip = MountRights.Missing;
}

/// <summary>A theory that mounts a small file system; skipped, and counted as such, where mounting is not allowed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TheoryWithMountsAttribute : TheoryAttribute
{
    public TheoryWithMountsAttribute() => Skip = MountRights.Missing;
}

internal static class MountRights
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

    /// <summary>Why a test that mounts is skipped; null where it runs.</summary>
    public static string? Missing => Allowed.Value ? null : "mounting a tmpfs needs root";
}

/// <summary>A tmpfs at a folder, or a read-only view of it; gone with this object.</summary>
internal sealed class Mount : IDisposable
{
    private readonly string folder;
    private int layers;

    private Mount(string folder, int layers)
    {
        this.folder = folder;
        this.layers = layers;
    }

    public static Mount Tmpfs(string folder, string options)
    {
        Directory.CreateDirectory(folder);
        Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder);
        return new Mount(folder, 1);
    }

    /// <summary>The folder's own files, seen through a read-only mount.</summary>
    public static Mount ReadOnly(string folder)
    {
        Mount mount = new(folder, 0);
        mount.MakeReadOnly();
        return mount;
    }

    /// <summary>
    /// For every file opened from now on. (The kernel does not let a file system go read-only under open writers, so a
    /// read-only view is laid over it.)
    /// </summary>
    public void MakeReadOnly()
    {
        Run("mount", "--bind", folder, folder);
        Run("mount", "-o", "remount,bind,ro", folder);
        layers++;
    }

    public void Dispose()
    {
        for (; layers > 0; layers--)
        {
            Run("umount", "-l", folder);
        }
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
