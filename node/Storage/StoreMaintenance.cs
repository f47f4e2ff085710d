using System.Globalization;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Storage;

/// <summary>
/// What an operator does with a disk store while no node runs on it: verify, rebuild, import. Each takes the folder's
/// lock, and throws <see cref="StoreFailedException"/> when the folder is in use or cannot be written to.
/// </summary>
internal sealed class StoreMaintenance(string dataFolder, TimeProvider time, ILoggerFactory loggers)
{
    /// <summary>Module versions worked on at once: hashing wants cores, syncing wants company, both want little memory.</summary>
    private static readonly int Workers = Math.Clamp(Environment.ProcessorCount, 2, 8);

    private readonly StoreLayout layout = new(dataFolder);
    private readonly ILogger logger = loggers.CreateLogger("Athens.Federation.Node.Storage.Maintenance");

    /// <summary>Hashes every stored file and checks every zip; what does not match is set aside, to be fetched again.</summary>
    public async Task<StoreReport> VerifyAsync(IProgress<StoreFinding>? listener, CancellationToken cancellationToken)
    {
        var findings = new StoreFindings(listener);
        await using var store = await OpenAsync(minFree: 0, cancellationToken);
        if (!await IsDatabaseSoundAsync(store, cancellationToken))
        {
            throw new StoreFailedException(
                $"The database {layout.Database} is damaged. Run 'athens store rebuild': it keeps the damaged file and makes "
                + "a new one from the stored files.",
                null);
        }

        var check = new StoreVerification(layout, store.Facts, new DamagedFiles(layout, time, logger), findings);
        var after = (Path: "", Version: "");
        while (await check.NextPageAsync(after, cancellationToken) is { Count: > 0 } page)
        {
            await Parallel.ForEachAsync(page, Parallelism(cancellationToken), check.CheckAsync);
            after = (page[^1].Module.Path, page[^1].Module.Version);
        }

        await WriteListsAsync(store, findings, cancellationToken);
        await check.TellUnknownAsync(cancellationToken);
        return findings.Report();
    }

    /// <summary>
    /// Makes the database anew from the files: facts that agree with their files stay, unknown complete module versions
    /// are checked and added. A damaged database is kept under <c>evidence/</c>.
    /// </summary>
    public async Task<StoreReport> RebuildAsync(IProgress<StoreFinding>? listener, CancellationToken cancellationToken)
    {
        var findings = new StoreFindings(listener);
        await using var store = await OpenSoundAsync(findings, cancellationToken);
        var rebuild = new StoreRebuild(layout, store.Facts, findings);
        await Parallel.ForEachAsync(ModuleTree.Entries(layout.Download), Parallelism(cancellationToken), rebuild.TakeAsync);
        await WriteListsAsync(store, findings, cancellationToken);
        return findings.Report();
    }

    /// <summary>Copies the complete module versions of a Go module cache (or any GOPROXY tree) into the store.</summary>
    /// <param name="from">A module cache, its GOPATH, another node's data folder, or the download tree itself.</param>
    /// <param name="minFree">Bytes that must stay free.</param>
    /// <param name="listener">Told each finding as it comes, from any thread, one at a time.</param>
    /// <param name="cancellationToken">Ends it after the module versions at hand; what was taken stays.</param>
    public async Task<StoreReport> ImportAsync(
        string from, long minFree, IProgress<StoreFinding>? listener, CancellationToken cancellationToken)
    {
        var tree = ModuleTree.Find(from)
            ?? throw new StoreFailedException($"There is no folder {from} to import from.", null);
        var findings = new StoreFindings(listener);
        await using var store = await OpenAsync(minFree, cancellationToken);
        var import = new StoreImport(store, findings);
        await Parallel.ForEachAsync(ModuleTree.Entries(tree), Parallelism(cancellationToken), import.TakeAsync);
        return findings.Report();
    }

    private Task<DiskModuleStore> OpenAsync(long minFree, CancellationToken cancellationToken) =>
        DiskStoreOpening.OpenAsync(dataFolder, new DiskSettings(minFree, time, logger), cancellationToken);

    private async Task<DiskModuleStore> OpenSoundAsync(StoreFindings findings, CancellationToken cancellationToken)
    {
        try
        {
            var store = await OpenAsync(minFree: 0, cancellationToken);
            if (await IsDatabaseSoundAsync(store, cancellationToken))
            {
                return store;
            }

            await store.DisposeAsync();
        }
        catch (StoreFailedException error) when (error.InnerException is { } inner && StoreFailures.IsCorrupt(inner))
        {
            // Moved away below.
        }

        MoveDatabaseAway(findings);
        return await OpenAsync(minFree: 0, cancellationToken);
    }

    private static async Task<bool> IsDatabaseSoundAsync(DiskModuleStore store, CancellationToken cancellationToken)
    {
        try
        {
            var said = await store.Facts.Readers.ReadAsync(
                StoreSql.CheckIntegrity, _ => { }, row => row.GetString(0), cancellationToken);
            return said is ["ok"];
        }
        catch (StoreFailedException error) when (error.InnerException is { } inner && StoreFailures.IsCorrupt(inner))
        {
            return false;
        }
    }

    private void MoveDatabaseAway(StoreFindings findings)
    {
        using var folderLock = StoreLock.Take(layout);
        var moment = time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss.ffffff'Z'", CultureInfo.InvariantCulture);
        var kept = Path.Combine(layout.Root, "evidence", "database", moment);
        Directory.CreateDirectory(kept);
        foreach (var suffix in new[] { "", "-wal", "-shm" })
        {
            if (File.Exists(layout.Database + suffix))
            {
                File.Move(layout.Database + suffix, Path.Combine(kept, Path.GetFileName(layout.Database) + suffix));
            }
        }

        FileSystem.SyncFolder(layout.Root);
        findings.Tell(FindingKind.Repaired, null, $"The damaged database was moved to {kept}; a new one is made.");
    }

    private async Task WriteListsAsync(DiskModuleStore store, StoreFindings findings, CancellationToken cancellationToken)
    {
        var lists = new VersionLists(layout, store.Facts.Readers);
        var path = "";
        while (await NextPathAsync(store, path, cancellationToken) is { } next)
        {
            path = next;
            if (Directory.Exists(layout.VersionsFolder(path)) && await lists.WriteAsync(path, cancellationToken))
            {
                findings.Tell(FindingKind.Repaired, null, $"The list of {path} was written anew.");
            }
        }
    }

    private static async Task<string?> NextPathAsync(
        DiskModuleStore store, string after, CancellationToken cancellationToken)
    {
        var found = await store.Facts.Readers.ReadAsync(
            StoreSql.NextPath, command => command.Set("$path", after), row => row.GetString(0), cancellationToken);
        return found.Count == 0 ? null : found[0];
    }

    private static ParallelOptions Parallelism(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = Workers, CancellationToken = cancellationToken };
}
