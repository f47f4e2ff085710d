using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Athens.Federation.Node.Storage;

/// <summary>What .NET does not offer of a POSIX file system: syncing a folder, and a file's identity.</summary>
internal static partial class FileSystem
{
    private const int Eintr = 4;

    /// <summary>Makes renames and removals in a folder durable.</summary>
    public static void SyncFolder(string folder)
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

    /// <summary>Writes a file and syncs its bytes (not its name).</summary>
    public static void WriteDurably(string path, ReadOnlySpan<byte> bytes)
    {
        using var handle = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.Write(handle, bytes, 0);
        RandomAccess.FlushToDisk(handle);
    }

    /// <summary>Puts a whole file in place of another (or none) in one step, name and bytes durable.</summary>
    public static void ReplaceDurably(string path, ReadOnlySpan<byte> bytes, string stagingFolder)
    {
        var fresh = Path.Combine(stagingFolder, Guid.NewGuid().ToString("N"));
        try
        {
            WriteDurably(fresh, bytes);
            File.Move(fresh, path, overwrite: true);
        }
        catch
        {
            File.Delete(fresh);
            throw;
        }

        SyncFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Opens for shared reading; on Unix without the lock that other sharing modes cost.</summary>
    public static SafeFileHandle OpenToRead(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>A file's identity and state, or null when there is none. One system call on Linux.</summary>
    public static FileStamp? StampOf(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            if (Statx(AtCurrentFolder, path, 0, StatxBasic, out var stat) == 0)
            {
                return new FileStamp(
                    ((ulong)stat.DeviceMajor << 32) | stat.DeviceMinor,
                    stat.Inode,
                    (long)stat.Size,
                    Nanoseconds(stat.Modified),
                    Nanoseconds(stat.Changed));
            }

            return null;
        }

        var file = new FileInfo(path);
        return file.Exists ? new FileStamp(0, 0, file.Length, file.LastWriteTimeUtc.Ticks, 0) : null;
    }

    private static long Nanoseconds(StatxTime time) => unchecked((time.Seconds * 1_000_000_000) + time.Nanoseconds);

    private static void ThrowUnlessInterrupted(string path)
    {
        var error = Marshal.GetLastPInvokeError();
        if (error != Eintr)
        {
            throw new IOException($"{Marshal.GetPInvokeErrorMessage(error)}: '{path}'", error);
        }
    }

    private const int AtCurrentFolder = -100;
    private const uint StatxBasic = 0x7ff;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Fsync(SafeFileHandle handle);

    // statx has one layout on every architecture, which stat has not.
    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Statx(int folder, string path, int flags, uint mask, out StatxResult result);

    [StructLayout(LayoutKind.Sequential)]
    private struct StatxTime
    {
        public long Seconds;
        public uint Nanoseconds;
        public int Reserved;
    }

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatxResult
    {
        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(96)]
        public StatxTime Changed;

        [FieldOffset(112)]
        public StatxTime Modified;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}

/// <summary>Enough of a file's state to tell that it is still the file whose bytes were checked.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FileStamp(ulong Device, ulong Inode, long Size, long Modified, long Changed)
{
    /// <summary>The same file with the same bytes, if times tell the truth; renaming it in between does not matter.</summary>
    public bool IsOfSameContent(FileStamp other) => this with { Changed = other.Changed } == other;
}
