using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Tests.Hostile;

/// <summary>Takes its time to find things: its peer is not the quickest, so a node asks a quicker one first, which is the hostile one.</summary>
internal sealed class UnhurriedStore(IModuleStore store) : IModuleStore
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(15);

    public async ValueTask<ModuleFacts?> FindAsync(ModuleVersion module, CancellationToken cancellationToken)
    {
        await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        return await store.FindAsync(module, cancellationToken);
    }

    public ValueTask<StoredFile?> OpenAsync(ModuleVersion module, ModuleFileKind kind, CancellationToken cancellationToken) =>
        store.OpenAsync(module, kind, cancellationToken);

    public ValueTask<StagedModule> StageAsync(ModuleVersion module, CancellationToken cancellationToken) => store.StageAsync(module, cancellationToken);

    public Task<AdmitOutcome> AdmitAsync(StagedModule staged, ModuleFacts facts, CancellationToken cancellationToken) =>
        store.AdmitAsync(staged, facts, cancellationToken);

    public ValueTask<IReadOnlyList<ModuleFacts>> HeldAsync(string path, CancellationToken cancellationToken) => store.HeldAsync(path, cancellationToken);

    public ValueTask<CatalogPage> CatalogAsync(string token, int pageSize, CancellationToken cancellationToken) =>
        store.CatalogAsync(token, pageSize, cancellationToken);

    public ValueTask<IReadOnlyList<IndexEntry>> IndexAsync(DateTimeOffset since, int limit, CancellationToken cancellationToken) =>
        store.IndexAsync(since, limit, cancellationToken);

    public ValueTask<string?> CheckWritableAsync(CancellationToken cancellationToken) => store.CheckWritableAsync(cancellationToken);
}
