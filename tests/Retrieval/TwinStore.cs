using System.Collections.Concurrent;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Tests.Retrieval;

/// <summary>How the twin's admissions go wrong.</summary>
internal enum AdmitFault
{
    None,
    NoSpace,
    ReadOnly,
    PersistedButReportedFailed,
}

/// <summary>What was handed to AdmitAsync, copied at that moment.</summary>
internal sealed record Admission(ModuleFacts Facts, byte[] Info, byte[] Mod, byte[] Zip);

/// <summary>The store contract in memory, honest, and failing on purpose when told to.</summary>
internal sealed class TwinStore : IModuleStore, IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("athens-twin-").FullName;
    private readonly ConcurrentDictionary<ModuleVersion, Admission> held = new();
    private int stored;

    public AdmitFault Fault { get; set; }

    public bool StageFails { get; set; }

    public bool ReadFails { get; set; }

    /// <summary>Module versions one file of which no longer matches; OpenAsync does not give it out.</summary>
    public ConcurrentDictionary<(ModuleVersion, ModuleFileKind), bool> Damaged { get; } = new();

    public ConcurrentQueue<Admission> Admissions { get; } = new();

    public int Staged => Directory.GetFileSystemEntries(folder).Length;

    public int HeldCalls { get; private set; }

    /// <summary>When set, who reads what is held is given it only after this.</summary>
    public Task? HeldWaits { get; set; }

    public void Hold(GenuineModule module, int order = 0) => held[module.Module] = new Admission(
        module.Facts() with { StoredAt = module.Facts().StoredAt.AddSeconds(order) }, module.Info, module.Mod, module.Zip);

    public ValueTask<ModuleFacts?> FindAsync(ModuleVersion module, CancellationToken cancellationToken) =>
        new(held.TryGetValue(module, out Admission? found) ? found.Facts : null);

    public ValueTask<StoredFile?> OpenAsync(ModuleVersion module, ModuleFileKind kind, CancellationToken cancellationToken)
    {
        if (ReadFails)
        {
            throw new IOException("input/output error");
        }

        if (!held.TryGetValue(module, out Admission? found) || Damaged.ContainsKey((module, kind)))
        {
            return new((StoredFile?)null);
        }

        byte[] bytes = kind switch
        {
            ModuleFileKind.Info => found.Info,
            ModuleFileKind.Mod => found.Mod,
            _ => found.Zip,
        };
        return new(new StoredFile(bytes, found.Facts[kind], found.Facts.StoredAt));
    }

    public ValueTask<StagedModule> StageAsync(ModuleVersion module, CancellationToken cancellationToken)
    {
        if (StageFails)
        {
            throw new StoreFailedException("the disk is full: free some space", null) { NoSpace = true };
        }

        string own = Path.Combine(folder, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(own);
        return new(new TwinStaged(own) { Module = module, ZipPath = Path.Combine(own, "zip") });
    }

    public Task<AdmitOutcome> AdmitAsync(StagedModule staged, ModuleFacts facts, CancellationToken cancellationToken)
    {
        Admission admission = new(
            facts with { StoredAt = DateTimeOffset.UnixEpoch.AddSeconds(Interlocked.Increment(ref stored)) },
            staged.Info,
            staged.Mod,
            File.ReadAllBytes(staged.ZipPath));
        Admissions.Enqueue(admission);
        switch (Fault)
        {
            case AdmitFault.NoSpace:
                throw new StoreFailedException("the disk is full: free some space", null) { NoSpace = true };
            case AdmitFault.ReadOnly:
                throw new StoreFailedException("the data folder is read-only", null);
            case AdmitFault.PersistedButReportedFailed:
                held[staged.Module] = admission;
                throw new StoreFailedException("the disk did not answer", null);
        }

        if (held.TryGetValue(staged.Module, out Admission? before)
            && (before.Facts.ZipHash != facts.ZipHash || before.Facts.ModHash != facts.ModHash))
        {
            return Task.FromResult(new AdmitOutcome(before.Facts, Conflicts: true));
        }

        held[staged.Module] = admission;
        foreach (ModuleFileKind kind in Enum.GetValues<ModuleFileKind>())
        {
            Damaged.TryRemove((staged.Module, kind), out _);
        }

        return Task.FromResult(new AdmitOutcome(admission.Facts, Conflicts: false));
    }

    public async ValueTask<IReadOnlyList<ModuleFacts>> HeldAsync(string path, CancellationToken cancellationToken)
    {
        HeldCalls++;
        IReadOnlyList<ModuleFacts> found = [.. held.Values.Where(one => one.Facts.Module.Path == path).Select(one => one.Facts)];
        await (HeldWaits ?? Task.CompletedTask);
        return found;
    }

    public ValueTask<CatalogPage> CatalogAsync(string token, int pageSize, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<IReadOnlyList<IndexEntry>> IndexAsync(
        DateTimeOffset since, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<string?> CheckWritableAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private sealed class TwinStaged(string folder) : StagedModule
    {
        public override ValueTask DisposeAsync()
        {
            Directory.Delete(folder, recursive: true);
            return ValueTask.CompletedTask;
        }
    }
}
