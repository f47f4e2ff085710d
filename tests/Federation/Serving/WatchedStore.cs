using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Tests.Federation.Serving;

/// <summary>A real store whose openings a test sees, holds up, or lets fail.</summary>
internal sealed class WatchedStore(IModuleStore inner) : IModuleStore
{
    private int zipsOpened;

    public int ZipsOpened => Volatile.Read(ref zipsOpened);

    /// <summary>Before a file is opened.</summary>
    public Func<ModuleFileKind, Task> Opening { get; set; } = static _ => Task.CompletedTask;

    /// <summary>When set: what is held of any path.</summary>
    public IReadOnlyList<ModuleFacts>? Held { get; set; }

    public ValueTask<ModuleFacts?> FindAsync(ModuleVersion module, CancellationToken cancellationToken) =>
        inner.FindAsync(module, cancellationToken);

    public async ValueTask<StoredFile?> OpenAsync(ModuleVersion module, ModuleFileKind kind, CancellationToken cancellationToken)
    {
        if (kind == ModuleFileKind.Zip)
        {
            Interlocked.Increment(ref zipsOpened);
        }

        await Opening(kind);
        return await inner.OpenAsync(module, kind, cancellationToken);
    }

    public ValueTask<StagedModule> StageAsync(ModuleVersion module, CancellationToken cancellationToken) =>
        inner.StageAsync(module, cancellationToken);

    public Task<AdmitOutcome> AdmitAsync(StagedModule staged, ModuleFacts facts, CancellationToken cancellationToken) =>
        inner.AdmitAsync(staged, facts, cancellationToken);

    public ValueTask<IReadOnlyList<ModuleFacts>> HeldAsync(string path, CancellationToken cancellationToken) =>
        Held is { } held ? ValueTask.FromResult(held) : inner.HeldAsync(path, cancellationToken);

    public ValueTask<CatalogPage> CatalogAsync(string token, int pageSize, CancellationToken cancellationToken) =>
        inner.CatalogAsync(token, pageSize, cancellationToken);

    public ValueTask<IReadOnlyList<IndexEntry>> IndexAsync(DateTimeOffset since, int limit, CancellationToken cancellationToken) =>
        inner.IndexAsync(since, limit, cancellationToken);

    public ValueTask<string?> CheckWritableAsync(CancellationToken cancellationToken) => inner.CheckWritableAsync(cancellationToken);
}
