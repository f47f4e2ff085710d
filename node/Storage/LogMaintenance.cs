using System.Globalization;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Storage;

/// <summary>The node's own log while no node runs on it. Holds the data folder's lock until it is disposed.</summary>
internal sealed class LogMaintenance : IDisposable
{
    private readonly StoreLayout layout;
    private readonly StoreLock folderLock;
    private readonly TimeProvider time;

    private LogMaintenance(StoreLayout layout, StoreLock folderLock, TimeProvider time)
    {
        this.layout = layout;
        this.folderLock = folderLock;
        this.time = time;
    }

    /// <exception cref="StoreFailedException">In use, or not writable.</exception>
    public static LogMaintenance Open(string dataFolder, TimeProvider time)
    {
        var folder = new StoreLayout(dataFolder);
        return new LogMaintenance(folder, StoreLock.Take(folder), time);
    }

    /// <exception cref="StoreFailedException">Damaged, made by a newer node, or not writable.</exception>
    public ILogStore OpenStore() => SqliteLogStore.Open(layout);

    /// <summary>A new folder under <c>evidence/</c> for a log that ends.</summary>
    public string MakeEvidenceFolder()
    {
        var moment = time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss.ffffff'Z'", CultureInfo.InvariantCulture);
        var folder = Path.Combine(layout.Root, "evidence", "log", moment);
        Directory.CreateDirectory(folder);
        FileSystem.SyncFolder(Path.GetDirectoryName(folder)!);
        FileSystem.SyncFolder(Path.Combine(layout.Root, "evidence"));
        FileSystem.SyncFolder(layout.Root);
        return folder;
    }

    /// <summary>Moves the database away; the next start makes a new one.</summary>
    public void MoveDatabase(string folder)
    {
        // The database last: SQLite would take a write-ahead log that stayed behind for a part of the new database.
        foreach (var suffix in new[] { "-shm", "-wal", "" })
        {
            if (File.Exists(layout.LogDatabase + suffix))
            {
                File.Move(layout.LogDatabase + suffix, Path.Combine(folder, Path.GetFileName(layout.LogDatabase) + suffix));
            }
        }

        FileSystem.SyncFolder(folder);
        FileSystem.SyncFolder(layout.Root);
    }

    public void Dispose() => folderLock.Dispose();
}
