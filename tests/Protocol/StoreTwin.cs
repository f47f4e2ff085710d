using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Tests.Protocol;

/// <summary>The two questions that the front asks of a store, over a list; the front must ask no other.</summary>
internal sealed class StoreTwin : IModuleStore
{
    public List<IndexEntry> Held { get; } = [];

    public ValueTask<CatalogPage> CatalogAsync(string token, int pageSize, CancellationToken cancellationToken)
    {
        var after = Held.Select(entry => entry.Module)
            .OrderBy(module => module.ToString(), StringComparer.Ordinal)
            .Where(module => string.CompareOrdinal(module.ToString(), token) > 0)
            .ToList();
        var page = after.Take(pageSize).ToList();
        return new(new CatalogPage(page, after.Count > pageSize ? page[^1].ToString() : ""));
    }

    public ValueTask<IReadOnlyList<IndexEntry>> IndexAsync(DateTimeOffset since, int limit, CancellationToken cancellationToken) =>
        new([.. Held.Where(entry => entry.StoredAt >= since).OrderBy(entry => entry.StoredAt).Take(limit)]);

    public ValueTask<ModuleFacts?> FindAsync(ModuleVersion module, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<StoredFile?> OpenAsync(ModuleVersion module, ModuleFileKind kind, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<StagedModule> StageAsync(ModuleVersion module, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<AdmitOutcome> AdmitAsync(StagedModule staged, ModuleFacts facts, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<IReadOnlyList<ModuleFacts>> HeldAsync(string path, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<string?> CheckWritableAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
}
