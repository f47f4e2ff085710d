using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Tests.Interop;

/// <summary>Sees what becomes of the calls for which a store is asked.</summary>
internal sealed class WatchedStore(IModuleStore store) : IModuleStore
{
    /// <summary>Released when a call begins to look for a module version.</summary>
    public SemaphoreSlim Asked { get; } = new(0);

    /// <summary>Released when a call that reads a file, or looks for a module version, is cancelled at the node.</summary>
    public SemaphoreSlim Cancelled { get; } = new(0);

    public ValueTask<ModuleFacts?> FindAsync(ModuleVersion module, CancellationToken cancellationToken)
    {
        // Never unregistered: the call's own token goes with the call.
        cancellationToken.UnsafeRegister(static seen => ((SemaphoreSlim)seen!).Release(), Cancelled);
        Asked.Release();
        return store.FindAsync(module, cancellationToken);
    }

    public ValueTask<StoredFile?> OpenAsync(ModuleVersion module, ModuleFileKind kind, CancellationToken cancellationToken) =>
        store.OpenAsync(module, kind, cancellationToken);

    public ValueTask<StagedModule> StageAsync(ModuleVersion module, CancellationToken cancellationToken) =>
        store.StageAsync(module, cancellationToken);

    public Task<AdmitOutcome> AdmitAsync(StagedModule staged, ModuleFacts facts, CancellationToken cancellationToken) =>
        store.AdmitAsync(staged, facts, cancellationToken);

    public ValueTask<IReadOnlyList<ModuleFacts>> HeldAsync(string path, CancellationToken cancellationToken) =>
        store.HeldAsync(path, cancellationToken);

    public ValueTask<CatalogPage> CatalogAsync(string token, int pageSize, CancellationToken cancellationToken) =>
        store.CatalogAsync(token, pageSize, cancellationToken);

    public ValueTask<IReadOnlyList<IndexEntry>> IndexAsync(DateTimeOffset since, int limit, CancellationToken cancellationToken) =>
        store.IndexAsync(since, limit, cancellationToken);

    public ValueTask<string?> CheckWritableAsync(CancellationToken cancellationToken) => store.CheckWritableAsync(cancellationToken);
}
