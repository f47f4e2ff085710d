using Athens.Federation.Node.Retrieval;
using Microsoft.Win32.SafeHandles;

namespace Athens.Federation.Node.Storage;

/// <summary>One open big file. Its handle is closed with the last lease; the first one is given by the constructor.</summary>
internal sealed class OpenFile : IDisposable
{
    private SafeFileHandle? handle;
    private int leases = 1;

    public OpenFile(string path, FileStamp stamp, FileDigest digest, Func<OpenFile, Task<FileState>> check)
    {
        Path = path;
        Stamp = stamp;
        Digest = digest;
        Checked = new Lazy<Task<FileState>>(() => check(this));
    }

    public string Path { get; }

    public FileStamp Stamp { get; }

    public FileDigest Digest { get; }

    /// <summary>Its bytes, in this state, have been hashed already.</summary>
    public bool IsHashed { get; init; }

    /// <summary>Begins the check at the first use; all share its end.</summary>
    public Lazy<Task<FileState>> Checked { get; }

    /// <summary>Only after <see cref="Checked"/> ended well.</summary>
    public SafeFileHandle Handle => handle ?? throw new InvalidOperationException("the file was not checked");

    public void AddLease() => Interlocked.Increment(ref leases);

    public void Dispose()
    {
        if (Interlocked.Decrement(ref leases) == 0)
        {
            handle?.Dispose();
        }
    }

    public async Task<FileState> OpenAndCheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            handle = FileSystem.OpenToRead(Path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return FileState.Missing;
        }

        if (Stamp.Size != Digest.Size)
        {
            return FileState.Damaged;
        }

        if (IsHashed)
        {
            return FileState.Good;
        }

        var found = await FileDigests.OfAsync(handle, cancellationToken);
        return found == Digest ? FileState.Good : FileState.Damaged;
    }
}
