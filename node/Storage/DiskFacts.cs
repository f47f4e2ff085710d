using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Storage;

/// <summary>The facts of a disk store: one writer, a few readers, a cache over both.</summary>
internal sealed class DiskFacts(SqliteReaders readers, FactsWriter writer) : IAsyncDisposable
{
    private readonly FactsCache cache = new();

    public SqliteReaders Readers => readers;

    public FactsWriter Writer => writer;

    public async ValueTask<ModuleFacts?> FindAsync(ModuleVersion module, CancellationToken cancellationToken)
    {
        if (cache.Find(module) is { } known)
        {
            return known;
        }

        return await FindFreshAsync(module, cancellationToken) is { } found ? cache.Remember(found) : null;
    }

    /// <summary>As the database has them now, past the cache.</summary>
    public async ValueTask<ModuleFacts?> FindFreshAsync(ModuleVersion module, CancellationToken cancellationToken)
    {
        var found = await readers.ReadAsync(
            StoreSql.Find, command => FactsRow.Bind(command, module), FactsRow.Read, cancellationToken);
        return found.Count == 0 ? null : found[0];
    }

    public async Task<ModuleFacts> AddAsync(ModuleFacts facts, CancellationToken cancellationToken)
    {
        var stored = await writer.AddAsync(facts, cancellationToken);
        cache.Replace(stored);
        return stored;
    }

    public async Task UpdateAsync(ModuleFacts facts, CancellationToken cancellationToken)
    {
        await writer.UpdateAsync(facts, cancellationToken);
        cache.Replace(facts);
    }

    public async ValueTask DisposeAsync()
    {
        await writer.DisposeAsync();
        readers.Dispose();
    }
}
