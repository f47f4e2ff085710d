using System.Collections.Immutable;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Storage;

/// <summary>
/// The store for development and tests: all in memory, gone with the process. The same contract as on disk; zips
/// above <see cref="StoredFile.InMemoryLimit"/> are handed out as bytes too.
/// </summary>
internal sealed class MemoryModuleStore : IOpenModuleStore
{
    private readonly long limit;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly string stagingFolder = Directory.CreateTempSubdirectory("athens-").FullName;
    private readonly Lock gate = new();

    // All guarded by gate for writing; readers take the immutable map as it stands.
    private ImmutableSortedDictionary<(string Path, string Version), Held> held =
        ImmutableSortedDictionary.Create<(string Path, string Version), Held>(PositionOrder.Instance);

    private ImmutableList<IndexEntry> index = [];
    private long size;
    private long lastStoredAt;

    public MemoryModuleStore(long limit, TimeProvider time, ILogger logger)
    {
        this.limit = limit;
        this.time = time;
        this.logger = logger;
        logger.MemoryOnly();
    }

    public ValueTask<ModuleFacts?> FindAsync(ModuleVersion module, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Find(module)?.Facts);

    public ValueTask<StoredFile?> OpenAsync(
        ModuleVersion module, ModuleFileKind kind, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Find(module) is { } found
            ? new StoredFile(found[kind], found.Facts[kind], found.Facts.StoredAt)
            : null);

    public ValueTask<StagedModule> StageAsync(ModuleVersion module, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return ValueTask.FromResult<StagedModule>(MemoryStagedModule.Create(stagingFolder, module));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StoreFailures.From(error, new StoreLayout(stagingFolder), $"stage {module}");
        }
    }

    public async Task<AdmitOutcome> AdmitAsync(
        StagedModule staged, ModuleFacts facts, CancellationToken cancellationToken)
    {
        RequireRoom(facts);
        var zip = await File.ReadAllBytesAsync(staged.ZipPath, cancellationToken);
        if (staged.Module != facts.Module
            || FileDigests.Of(staged.Info) != facts.Info
            || FileDigests.Of(staged.Mod) != facts.Mod
            || zip.LongLength != facts.Zip.Size)
        {
            throw new ArgumentException($"the facts are not those of the staged files of {staged.Module}", nameof(facts));
        }

        lock (gate)
        {
            if (Find(facts.Module) is { } known)
            {
                var conflicts = !known.Facts.HasHashesOf(facts);
                if (conflicts)
                {
                    logger.Conflicting(facts.Module, known.Facts.StoredAt);
                }

                return new AdmitOutcome(known.Facts, conflicts);
            }

            RequireRoom(facts);
            return new AdmitOutcome(Add(new Held(facts, staged.Info, staged.Mod, zip)), Conflicts: false);
        }
    }

    public ValueTask<IReadOnlyList<ModuleFacts>> HeldAsync(string path, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<ModuleFacts>>(
            [.. held.Values.Where(item => item.Facts.Module.Path == path).Select(item => item.Facts)]);

    public ValueTask<CatalogPage> CatalogAsync(string token, int pageSize, CancellationToken cancellationToken)
    {
        var limitOfPage = StoreLimits.CatalogPage(pageSize);
        var after = StoreLimits.PositionOf(token);
        var found = held
            .Where(item => PositionOrder.Instance.Compare(item.Key, after) > 0)
            .Take(limitOfPage + 1)
            .Select(item => item.Value.Facts.Module)
            .ToList();
        if (found.Count <= limitOfPage)
        {
            return ValueTask.FromResult(new CatalogPage(found, ""));
        }

        found.RemoveAt(limitOfPage);
        return ValueTask.FromResult(new CatalogPage(found, StoreLimits.TokenOf(found[^1])));
    }

    public ValueTask<IReadOnlyList<IndexEntry>> IndexAsync(
        DateTimeOffset since, int limit, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<IndexEntry>>(
            [.. index.SkipWhile(entry => entry.StoredAt < since).Take(StoreLimits.IndexEntries(limit))]);

    public ValueTask<string?> CheckWritableAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(Interlocked.Read(ref size) < limit ? null : Full().Message);

    public ValueTask DisposeAsync()
    {
        try
        {
            Directory.Delete(stagingFolder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Disposed before.
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            logger.LitterStays(stagingFolder, error);
        }

        return ValueTask.CompletedTask;
    }

    private Held? Find(ModuleVersion module) => held.GetValueOrDefault((module.Path, module.Version));

    private ModuleFacts Add(Held item)
    {
        lastStoredAt = Math.Max(FactsRow.ToMicroseconds(time.GetUtcNow()), lastStoredAt + 1);
        var facts = item.Facts with { StoredAt = FactsRow.FromMicroseconds(lastStoredAt) };
        held = held.Add((facts.Module.Path, facts.Module.Version), item with { Facts = facts });
        index = index.Add(new IndexEntry(facts.Module, facts.StoredAt));
        size += SizeOf(facts);
        return facts;
    }

    private void RequireRoom(ModuleFacts facts)
    {
        if (Interlocked.Read(ref size) + SizeOf(facts) > limit)
        {
            throw Full();
        }
    }

    private StoreFailedException Full() => new(
        $"The memory store is full ([storage] memory_limit = {limit >> 20} MiB). Raise the limit, or use the disk store.",
        null)
    { NoSpace = true };

    private static long SizeOf(ModuleFacts facts) => facts.Info.Size + facts.Mod.Size + facts.Zip.Size;

    private sealed record Held(ModuleFacts Facts, byte[] Info, byte[] Mod, byte[] Zip)
    {
        public byte[] this[ModuleFileKind kind] => kind switch
        {
            ModuleFileKind.Info => Info,
            ModuleFileKind.Mod => Mod,
            _ => Zip,
        };
    }

    /// <summary>By path, then by the version's text, bytewise: the order of SQLite's index.</summary>
    private sealed class PositionOrder : IComparer<(string Path, string Version)>
    {
        public static readonly PositionOrder Instance = new();

        public int Compare((string Path, string Version) x, (string Path, string Version) y)
        {
            var byPath = string.CompareOrdinal(x.Path, y.Path);
            return byPath != 0 ? byPath : string.CompareOrdinal(x.Version, y.Version);
        }
    }
}
