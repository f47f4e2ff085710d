using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Athens.Federation.Node.Provenance;

/// <summary>Secret files that only their owner can read, and that a power failure leaves whole or absent.</summary>
internal static partial class DurableFile
{
    private const int Eintr = 4;
    private const int Eexist = 17;
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnersFolder = OwnersFile | UnixFileMode.UserExecute;

    /// <summary>Makes the folder, and its parents, when it is not there. Not durable before <see cref="Sync"/>.</summary>
    public static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        if (Path.GetDirectoryName(folder) is { Length: > 0 } parent)
        {
            Directory.CreateDirectory(parent);
        }

        Directory.CreateDirectory(folder, OwnersFolder);
    }

    /// <summary>
    /// Makes the names in the folder durable, and its own and its parent's. That they are there does not tell that they are: a process that was
    /// killed may have made them a moment ago.
    /// </summary>
    public static void Sync(string folder)
    {
        var at = folder;
        for (var level = 0; level < 3 && at is { Length: > 0 }; level++, at = Path.GetDirectoryName(at))
        {
            SyncFolder(at);
        }
    }

    /// <summary>Writes a new file, whole and synced before it gets its name (<see cref="Sync"/> makes that durable). False when there is one of that name already, which stays.</summary>
    public static bool TryCreate(string path, ReadOnlySpan<byte> bytes)
    {
        var fresh = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            Write(fresh, bytes);
            return TryName(fresh, path);
        }
        finally
        {
            File.Delete(fresh);
        }
    }

    /// <summary>
    /// Writes a file, whole and synced before it takes the name and the place of the one that has it (<see cref="Sync"/> makes that durable). At
    /// any time one of the two is there, whole; a crash can leave the other under a name that ends in <c>.tmp</c>.
    /// </summary>
    /// <param name="path">Of the file.</param>
    /// <param name="bytes">All of it.</param>
    /// <param name="written">Called between the two steps, for tests.</param>
    public static void Replace(string path, ReadOnlySpan<byte> bytes, Action<string>? written = null)
    {
        var fresh = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            Write(fresh, bytes);
            written?.Invoke(path);
            File.Move(fresh, path, overwrite: true);
        }
        finally
        {
            File.Delete(fresh);
        }
    }

    /// <summary>
    /// link(2), because it never takes the place of another file: of two processes that start at once one wins, and both use its
    /// file. (File.Move asks first and then renames.) Where the file system has no links, the two steps have to do.
    /// </summary>
    private static bool TryName(string fresh, string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            if (Link(fresh, path) == 0)
            {
                return true;
            }

            if (Marshal.GetLastPInvokeError() == Eexist)
            {
                return false;
            }
        }

        File.Move(fresh, path, overwrite: false);
        return true;
    }

    private static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnersFile;
        }

        using var file = new FileStream(path, options);
        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }

    private static void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var closeOnExec = OperatingSystem.IsMacOS() ? 0x1000000 : 0x80000;
        int descriptor;
        while ((descriptor = Open(folder, closeOnExec)) < 0)
        {
            ThrowUnlessInterrupted(folder);
        }

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        while (Fsync(handle) < 0)
        {
            ThrowUnlessInterrupted(folder);
        }
    }

    private static void ThrowUnlessInterrupted(string path)
    {
        var error = Marshal.GetLastPInvokeError();
        if (error != Eintr)
        {
            throw new IOException($"{Marshal.GetPInvokeErrorMessage(error)}: '{path}'", error);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Link(string existing, string path);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Fsync(SafeFileHandle handle);
}
