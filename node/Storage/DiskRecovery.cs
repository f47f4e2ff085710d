using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Storage;

/// <summary>
/// Puts right what a crash interrupted, before anything is served. Only noted admissions are looked at, so a start
/// takes as long with a million module versions as with ten.
/// </summary>
internal static class DiskRecovery
{
    public static async Task RunAsync(
        StoreLayout layout, DiskFacts facts, VersionLists lists, ILogger logger, CancellationToken cancellationToken)
    {
        EmptyStaging(layout);
        var unfinished = await facts.Readers.ReadAsync(
            StoreSql.Unfinished, _ => { }, FactsRow.ReadModule, cancellationToken);
        var finished = 0;
        foreach (var module in unfinished)
        {
            if (await facts.FindFreshAsync(module, cancellationToken) is null)
            {
                Remove(layout, module);
            }
            else
            {
                finished++;
                await lists.WriteAsync(module.Path, cancellationToken);
            }

            await facts.Writer.EndAsync(module, cancellationToken);
        }

        if (unfinished.Count > 0)
        {
            logger.Recovered(finished, unfinished.Count - finished);
        }
    }

    private static void EmptyStaging(StoreLayout layout)
    {
        foreach (var folder in Directory.EnumerateDirectories(layout.Staging))
        {
            Directory.Delete(folder, recursive: true);
        }

        foreach (var file in Directory.EnumerateFiles(layout.Staging))
        {
            File.Delete(file);
        }
    }

    /// <summary>Removes what was placed, and the folders that only it needed.</summary>
    private static void Remove(StoreLayout layout, ModuleVersion module)
    {
        var folder = layout.VersionsFolder(module.Path);
        if (Directory.Exists(folder))
        {
            // .info first: no reader of the folder sees a version whose other files are going.
            foreach (var file in layout.FilesOf(module).Reverse())
            {
                File.Delete(file);
            }

            FileSystem.SyncFolder(folder);
        }

        for (var at = folder; at.Length > layout.Download.Length; at = Path.GetDirectoryName(at)!)
        {
            if (!Directory.Exists(at))
            {
                continue;
            }

            if (Directory.EnumerateFileSystemEntries(at).Any())
            {
                break;
            }

            Directory.Delete(at);
            FileSystem.SyncFolder(Path.GetDirectoryName(at)!);
        }
    }
}
