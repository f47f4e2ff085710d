using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Storage;

/// <summary>How a disk store comes up: lock, folders, database, recovery, in this order.</summary>
internal static class DiskStoreOpening
{
    /// <summary>Takes the folder's lock, opens the database, puts right what a crash left.</summary>
    /// <exception cref="StoreFailedException">In use, damaged, made by a newer node, or not writable.</exception>
    public static async Task<DiskModuleStore> OpenAsync(
        string dataFolder, DiskSettings settings, CancellationToken cancellationToken)
    {
        var layout = new StoreLayout(dataFolder);
        var folderLock = StoreLock.Take(layout);
        DiskFacts? facts = null;
        try
        {
            PrepareFolders(layout, settings.Logger);
            var writer = FactsDatabase.OpenWriter(layout);
            facts = new DiskFacts(FactsDatabase.Readers(layout), new FactsWriter(writer, settings.Time));
            FileSystem.SyncFolder(layout.Root);
            var lists = new VersionLists(layout, facts.Readers);
            await DiskRecovery.RunAsync(layout, facts, lists, settings.Logger, cancellationToken);
            var count = await facts.Readers.ReadAsync(StoreSql.Count, _ => { }, row => row.GetInt64(0), cancellationToken);
            settings.Logger.Opened(layout.Root, count[0], SqliteLibrary.Describe());
            return new DiskModuleStore(layout, folderLock, facts, lists, settings);
        }
        catch (Exception error)
        {
            if (facts is not null)
            {
                await facts.DisposeAsync();
            }

            folderLock.Dispose();
            if (StoreFailures.IsExpected(error))
            {
                throw StoreFailures.From(error, layout, "open the store");
            }

            throw;
        }
    }

    private static void PrepareFolders(StoreLayout layout, ILogger logger)
    {
        Directory.CreateDirectory(layout.Staging);
        Directory.CreateDirectory(layout.Download);
        if (FileSystem.StampOf(layout.Staging)?.Device != FileSystem.StampOf(layout.Download)?.Device)
        {
            throw new StoreFailedException(
                $"{layout.Staging} and {layout.Download} are on different file systems, so files cannot be moved into place "
                + "in one step. Put the whole data folder on one file system.",
                null);
        }

        if (!File.Exists(layout.Database) && Directory.EnumerateFileSystemEntries(layout.Download).Any())
        {
            logger.FilesWithoutFacts(layout.Download);
        }
    }
}

/// <summary>What a disk store needs besides its folder.</summary>
/// <param name="MinFree">Bytes that must stay free; see <see cref="StorageOptions.MinFree"/>.</param>
/// <param name="Time">The clock of <c>StoredAt</c>.</param>
/// <param name="Logger">Where damage and recovery are told.</param>
/// <param name="Reached">Tests only.</param>
internal sealed record DiskSettings(long MinFree, TimeProvider Time, ILogger Logger, DiskStepReached? Reached = null);
