using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Storage;

/// <summary>
/// The default store: files in Go's own cache layout, facts in SQLite. Reading takes no lock that an admission holds.
/// </summary>
internal sealed class DiskModuleStore : IOpenModuleStore
{
    private readonly StoreLayout layout;
    private readonly long minFree;
    private readonly ILogger logger;
    private readonly StoreLock folderLock;
    private readonly DiskFacts facts;
    private readonly DiskAdmission admission;
    private readonly DamagedFiles damaged;
    private readonly OpenFiles openFiles = new();
    private int isClosed;

    public DiskModuleStore(
        StoreLayout layout, StoreLock folderLock, DiskFacts facts, VersionLists lists, DiskSettings settings)
    {
        this.layout = layout;
        this.folderLock = folderLock;
        this.facts = facts;
        minFree = settings.MinFree;
        logger = settings.Logger;
        damaged = new DamagedFiles(layout, settings.Time, logger);
        admission = new DiskAdmission(layout, facts, lists, damaged, settings.Reached, logger);
    }

    internal OpenFiles OpenFiles => openFiles;

    internal DiskFacts Facts => facts;

    public ValueTask<ModuleFacts?> FindAsync(ModuleVersion module, CancellationToken cancellationToken) =>
        facts.FindAsync(module, cancellationToken);

    public async ValueTask<StoredFile?> OpenAsync(
        ModuleVersion module, ModuleFileKind kind, CancellationToken cancellationToken)
    {
        if (await facts.FindAsync(module, cancellationToken) is not { } known)
        {
            return null;
        }

        try
        {
            return known[kind].Size <= StoredFile.InMemoryLimit
                ? await ReadSmallAsync(known, kind, cancellationToken)
                : await OpenBigAsync(known, kind, cancellationToken);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StoreFailures.From(error, layout, $"read {kind} of {module}");
        }
    }

    public ValueTask<StagedModule> StageAsync(ModuleVersion module, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            StoreFailures.RequireFree(layout, minFree);
            return ValueTask.FromResult<StagedModule>(DiskStagedModule.Create(layout, module, logger));
        }
        catch (Exception error) when (StoreFailures.IsExpected(error))
        {
            throw StoreFailures.From(error, layout, $"stage {module}");
        }
    }

    public async Task<AdmitOutcome> AdmitAsync(
        StagedModule staged, ModuleFacts facts, CancellationToken cancellationToken)
    {
        try
        {
            var placed = (DiskStagedModule)staged;
            var admitted = await admission.AdmitAsync(placed, facts, cancellationToken);
            if (placed.Sealed is { } stamp && admitted.Facts.Zip == facts.Zip && facts.Zip.Size > StoredFile.InMemoryLimit)
            {
                openFiles.Expect(layout.File(staged.Module, ModuleFileKind.Zip), stamp, facts.Zip);
            }

            return admitted;
        }
        catch (Exception error) when (StoreFailures.IsExpected(error))
        {
            throw StoreFailures.From(error, layout, $"store {staged.Module}");
        }
    }

    public async ValueTask<IReadOnlyList<ModuleFacts>> HeldAsync(string path, CancellationToken cancellationToken) =>
        await facts.Readers.ReadAsync(
            StoreSql.Held, command => command.Set("$path", path), FactsRow.Read, cancellationToken);

    public async ValueTask<CatalogPage> CatalogAsync(string token, int pageSize, CancellationToken cancellationToken)
    {
        var limit = StoreLimits.CatalogPage(pageSize);
        var (path, version) = StoreLimits.PositionOf(token);
        var found = await facts.Readers.ReadAsync(
            StoreSql.CatalogPage,
            command =>
            {
                command.Set("$path", path);
                command.Set("$version", version);
                command.Set("$limit", limit + 1);
            },
            FactsRow.ReadModule,
            cancellationToken);
        if (found.Count <= limit)
        {
            return new CatalogPage(found, "");
        }

        found.RemoveAt(limit);
        return new CatalogPage(found, StoreLimits.TokenOf(found[^1]));
    }

    public async ValueTask<IReadOnlyList<IndexEntry>> IndexAsync(
        DateTimeOffset since, int limit, CancellationToken cancellationToken) =>
        await facts.Readers.ReadAsync(
            StoreSql.Index,
            command =>
            {
                command.Set("$since", FactsRow.ToMicrosecondsUp(since));
                command.Set("$limit", StoreLimits.IndexEntries(limit));
            },
            row => new IndexEntry(FactsRow.ReadModule(row), FactsRow.FromMicroseconds(row.GetInt64(2))),
            cancellationToken);

    public async ValueTask<string?> CheckWritableAsync(CancellationToken cancellationToken)
    {
        var probe = Path.Combine(layout.Staging, "probe-" + Guid.NewGuid().ToString("N"));
        try
        {
            StoreFailures.RequireFree(layout, minFree);
            try
            {
                await File.WriteAllBytesAsync(probe, new byte[1], cancellationToken);
            }
            finally
            {
                File.Delete(probe);
            }

            return null;
        }
        catch (Exception error) when (StoreFailures.IsExpected(error))
        {
            return StoreFailures.From(error, layout, "write").Message;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref isClosed, 1) != 0)
        {
            return;
        }

        openFiles.Dispose();
        await facts.DisposeAsync();
        folderLock.Dispose();
    }

    private async ValueTask<StoredFile?> ReadSmallAsync(
        ModuleFacts known, ModuleFileKind kind, CancellationToken cancellationToken)
    {
        var path = layout.File(known.Module, kind);
        var stamp = FileSystem.StampOf(path);
        if (stamp is not null && SmallFile.Read(path, known[kind]) is { } bytes)
        {
            return new StoredFile(bytes, known[kind], known.StoredAt);
        }

        return await ReplacedOrSetAsideAsync(known, kind, stamp, cancellationToken);
    }

    private async ValueTask<StoredFile?> OpenBigAsync(
        ModuleFacts known, ModuleFileKind kind, CancellationToken cancellationToken)
    {
        var path = layout.File(known.Module, kind);
        var (file, state, stamp) = await openFiles.OpenAsync(path, known[kind], cancellationToken);
        if (file is not null)
        {
            return new StoredFile(file.Handle, known[kind], known.StoredAt, file);
        }

        return await ReplacedOrSetAsideAsync(
            known, kind, state == FileState.Missing ? null : stamp, cancellationToken);
    }

    /// <summary>
    /// The file did not have the bytes of these facts. Under the module version's lock, with the facts as the database
    /// has them, it is either another admission's new file (tried again by the caller's next request) or damaged.
    /// </summary>
    private async ValueTask<StoredFile?> ReplacedOrSetAsideAsync(
        ModuleFacts known, ModuleFileKind kind, FileStamp? stamp, CancellationToken cancellationToken)
    {
        using var held = await admission.LockAsync(known.Module, cancellationToken);
        var now = await facts.FindFreshAsync(known.Module, cancellationToken);
        if (now is null || now[kind] != known[kind])
        {
            return null;
        }

        if (stamp is { } found)
        {
            damaged.SetAside(known.Module, kind, found);
        }
        else if (FileSystem.StampOf(layout.File(known.Module, kind)) is null)
        {
            logger.Missing(kind, known.Module, layout.File(known.Module, kind));
        }

        return null;
    }
}
