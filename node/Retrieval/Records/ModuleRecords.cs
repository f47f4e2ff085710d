using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.OwnLog;

namespace Athens.Federation.Node.Retrieval.Records;

/// <summary>Makes the records of held module versions, and brings them into the node's own log. One spelling for the log and for peers.</summary>
internal sealed class ModuleRecords : IDisposable
{
    private readonly NodeLog log;
    private readonly ChunkLists chunkLists;
    private readonly PrefixPatterns privatePatterns;

    /// <param name="store">What is held.</param>
    /// <param name="log">The node's own.</param>
    /// <param name="privatePatterns">GOPRIVATE syntax: records of such modules carry a salt.</param>
    public ModuleRecords(IModuleStore store, NodeLog log, string privatePatterns)
    {
        this.log = log;
        this.privatePatterns = new PrefixPatterns(privatePatterns);
        chunkLists = new ChunkLists(store);
    }

    /// <summary>
    /// The record that the log has of these very files, else the one that it would get; with it SHA-256 of each chunk of the zip, one after the other
    /// (empty when it is not cut). Null when the zip is not held whole.
    /// </summary>
    /// <exception cref="IOException">The store or the log cannot be read.</exception>
    public async ValueTask<(ModuleRecord Record, byte[] Chunks)?> DescribeAsync(ModuleFacts facts, CancellationToken cancellationToken)
    {
        if (await chunkLists.OfAsync(facts, cancellationToken) is not { } chunks)
        {
            return null;
        }

        var made = Make(facts, chunks);
        return (await FindAsync(facts.Module, cancellationToken) is { } logged && IsOf(logged, made) ? logged : made, chunks);
    }

    /// <summary>Brings a held module version into the log. Null when its zip is not held whole: there is nothing to vouch for.</summary>
    /// <exception cref="IOException">The store or the log cannot be used; it may be tried again.</exception>
    public async Task<AppendOutcome?> AppendAsync(ModuleFacts facts, CancellationToken cancellationToken) =>
        await chunkLists.OfAsync(facts, cancellationToken) is { } chunks
            ? await log.AppendAsync(Make(facts, chunks), cancellationToken)
            : null;

    public void Dispose() => chunkLists.Dispose();

    private ModuleRecord Make(ModuleFacts facts, byte[] chunks) =>
        RecordOf.Facts(facts, chunks, privatePatterns.Matches(facts.Module.Path) ? log.SaltOf(facts.Module, facts.ZipHash) : null);

    private async ValueTask<ModuleRecord?> FindAsync(ModuleVersion module, CancellationToken cancellationToken) =>
        await log.FindAsync(module, cancellationToken) is { } found ? ModuleRecord.Parse(System.Text.Encoding.UTF8.GetString(found.Text.Span), out _) : null;

    /// <summary>A damaged zip may have been replaced by another of the same h1: then the log's record no longer tells its bytes.</summary>
    private static bool IsOf(ModuleRecord logged, ModuleRecord made) =>
        logged.Zip == made.Zip && logged.Info == made.Info && logged.ChunkRoot == made.ChunkRoot
        && string.Equals(logged.ZipHash, made.ZipHash, StringComparison.Ordinal) && string.Equals(logged.ModHash, made.ModHash, StringComparison.Ordinal);
}
