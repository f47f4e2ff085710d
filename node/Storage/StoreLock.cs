using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Storage;

/// <summary>
/// Keeps a data folder to one process: an exclusive lock (flock) on a file in it. The kernel releases it with the
/// process, however that ends, so a left-over file never stops a start.
/// </summary>
internal sealed class StoreLock : IDisposable
{
    private readonly FileStream file;

    private StoreLock(FileStream file) => this.file = file;

    /// <exception cref="StoreFailedException">Another process has it, or the folder cannot be written to.</exception>
    public static StoreLock Take(StoreLayout layout)
    {
        try
        {
            Directory.CreateDirectory(layout.Root);
            return new StoreLock(new FileStream(
                layout.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
        }
        catch (IOException error) when (error.HResult is WouldBlock or SharingViolation)
        {
            throw new StoreFailedException(
                $"The data folder {layout.Root} is in use by another athens process. Stop that one, or give this one a "
                + "folder of its own with --data.",
                error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StoreFailures.From(error, layout, "open");
        }
    }

    public void Dispose() => file.Dispose();

    private const int WouldBlock = 11;
    private const int SharingViolation = unchecked((int)0x80070020);
}
