using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Retrieval;

/// <summary>
/// Where held module versions live. Immutable for ever: what was admitted is never replaced by other bytes.
/// Every file handed out matches its recorded SHA-256; a file that no longer does is set aside, logged and reported
/// as not held, and only the same hashes can be admitted in its place.
/// </summary>
internal interface IModuleStore
{
    /// <summary>The facts of a held module version, or null. Facts outlive a damaged file.</summary>
    ValueTask<ModuleFacts?> FindAsync(ModuleVersion module, CancellationToken cancellationToken);

    /// <summary>A held file, or null when the module version (or that file, being damaged) is not held.</summary>
    ValueTask<StoredFile?> OpenAsync(ModuleVersion module, ModuleFileKind kind, CancellationToken cancellationToken);

    /// <summary>Room for a module version's zip on the store's own disk. Dispose removes what was not admitted.</summary>
    /// <exception cref="StoreFailedException">No space, or read-only.</exception>
    ValueTask<StagedModule> StageAsync(ModuleVersion module, CancellationToken cancellationToken);

    /// <summary>
    /// Makes a verified module version durable and visible, all three files at once. When this returns Stored, a crash
    /// loses nothing of it. <c>facts.StoredAt</c> is set by the store.
    /// </summary>
    /// <exception cref="StoreFailedException">Nothing was stored and nothing is visible.</exception>
    Task<AdmitOutcome> AdmitAsync(StagedModule staged, ModuleFacts facts, CancellationToken cancellationToken);

    /// <summary>The facts of every held version of a path, in no particular order; empty when none is held.</summary>
    ValueTask<IReadOnlyList<ModuleFacts>> HeldAsync(string path, CancellationToken cancellationToken);

    /// <summary>Held module versions in a stable order, after <paramref name="token"/> (empty: from the start).</summary>
    ValueTask<CatalogPage> CatalogAsync(string token, int pageSize, CancellationToken cancellationToken);

    /// <summary>Held module versions stored at or after <paramref name="since"/>, oldest first.</summary>
    ValueTask<IReadOnlyList<IndexEntry>> IndexAsync(DateTimeOffset since, int limit, CancellationToken cancellationToken);

    /// <summary>Null when the store can be written to now, else what is wrong and what to do.</summary>
    ValueTask<string?> CheckWritableAsync(CancellationToken cancellationToken);
}

/// <summary>How an admission ended.</summary>
/// <param name="Facts">What is held now under that name.</param>
/// <param name="Conflicts">True when other hashes are held already; nothing was changed.</param>
internal sealed record AdmitOutcome(ModuleFacts Facts, bool Conflicts);

/// <summary>A page of the catalog; <c>NextToken</c> is empty after the last.</summary>
internal sealed record CatalogPage(IReadOnlyList<ModuleVersion> Modules, string NextToken);

internal sealed record IndexEntry(ModuleVersion Module, DateTimeOffset StoredAt);

/// <summary>The store could not write. The message says what is wrong and what to do, for operator and developer alike.</summary>
internal sealed class StoreFailedException : IOException
{
    public StoreFailedException(string message, Exception? inner)
        : base(message, inner)
    {
    }

    /// <summary>The disk or a quota is full (HTTP 507), as opposed to read-only or broken (500).</summary>
    public bool NoSpace { get; init; }
}

/// <summary>A module version on its way into a store. The source fills it, Retrieval verifies it, the store admits it.</summary>
internal abstract class StagedModule : IAsyncDisposable
{
    public required ModuleVersion Module { get; init; }

    /// <summary>Where the source puts the zip (write or rename into place), on the store's own file system.</summary>
    public required string ZipPath { get; init; }

    /// <summary>The bytes of <c>.info</c> and <c>.mod</c>, set by the source.</summary>
    public byte[] Info { get; set; } = [];

    public byte[] Mod { get; set; } = [];

    /// <summary>The zip is about to be checked as it is now: what the check says holds as long as the file is not written any more.</summary>
    public virtual void Seal()
    {
    }

    public abstract ValueTask DisposeAsync();
}
