using System.Collections.Concurrent;

namespace Athens.Federation.Node.Storage;

/// <summary>
/// Creates folders so that they are there after a power failure. That a folder exists does not tell that its parent
/// was synced since: another admission, or a process that was killed, may have made it a moment ago. So every level
/// is synced once by this process before anything in it is acknowledged.
/// </summary>
internal sealed class DurableFolders(string root)
{
    /// <summary>Forgotten all at once beyond this (some 4 MiB of names); then they are synced once more.</summary>
    private const int MaxRemembered = 16_384;

    private readonly ConcurrentDictionary<string, byte> durable = new(StringComparer.Ordinal);

    /// <summary>Waits for the disk unless it is known and there.</summary>
    public async ValueTask CreateAsync(string folder)
    {
        if (!IsDurable(folder))
        {
            await DiskWork.RunAsync(() => Create(folder), CancellationToken.None);
        }
    }

    private void Create(string folder)
    {
        if (folder.Length <= root.Length || IsDurable(folder))
        {
            return;
        }

        var parent = Path.GetDirectoryName(folder)!;
        Create(parent);
        Directory.CreateDirectory(folder);
        FileSystem.SyncFolder(parent);
        if (durable.Count >= MaxRemembered)
        {
            durable.Clear();
        }

        durable[folder] = 0;
    }

    private bool IsDurable(string folder) => durable.ContainsKey(folder) && Directory.Exists(folder);
}
