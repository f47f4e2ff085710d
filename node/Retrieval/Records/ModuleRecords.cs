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
    private readonly ReceivedModules? received;

    /// <param name="store">What is held.</param>
    /// <param name="log">The node's own.</param>
    /// <param name="privatePatterns">GOPRIVATE syntax: records of such modules carry a salt.</param>
    /// <param name="received">The same goes for these.</param>
    public ModuleRecords(IModuleStore store, NodeLog log, string privatePatterns, ReceivedModules? received = null)
    {
        this.received = received;
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
        if (await FindAsync(facts, cancellationToken) is { } logged)
        {
            return logged;
        }

        return await chunkLists.OfAsync(facts, cancellationToken) is { } chunks ? (Make(facts, chunks), chunks) : null;
    }

    /// <summary>Brings a held module version into the log. Null when its zip is not held whole: there is nothing to vouch for.</summary>
    /// <exception cref="IOException">The store or the log cannot be used; it may be tried again.</exception>
    public async Task<AppendOutcome?> AppendAsync(ModuleFacts facts, CancellationToken cancellationToken) =>
        await chunkLists.OfAsync(facts, cancellationToken) is { } chunks
            ? await log.AppendAsync(Make(facts, chunks), chunks, cancellationToken)
            : null;

    public void Dispose() => chunkLists.Dispose();

    private ModuleRecord Make(ModuleFacts facts, byte[] chunks) =>
        RecordOf.Facts(facts, chunks, privatePatterns.Matches(facts.Module.Path) || received?.Has(facts.Module.Path) == true ? log.SaltOf(facts.Module, facts.ZipHash) : null);

    /// <summary>The log's record of these very files. A peer waits for this: hashing a large zip again takes longer than its patience.</summary>
    private async ValueTask<(ModuleRecord Record, byte[] Chunks)?> FindAsync(ModuleFacts facts, CancellationToken cancellationToken)
    {
        if (await log.FindAsync(facts.Module, cancellationToken) is not { } found
            || ModuleRecord.Parse(System.Text.Encoding.UTF8.GetString(found.Text.Span), out _) is not { } record
            || !IsOf(record, facts))
        {
            return null;
        }

        byte[] chunks = found.Chunks.ToArray();
        var root = chunks.Length == 0 || chunks.Length % System.Security.Cryptography.SHA256.HashSizeInBytes > 0 ? null : ChunkRules.RootOf(chunks);
        return string.Equals(root, record.ChunkRoot, StringComparison.Ordinal) ? (record, chunks) : null;
    }

    /// <summary>A damaged zip may have been replaced by another of the same h1: then the log's record no longer tells its bytes.</summary>
    private static bool IsOf(ModuleRecord record, ModuleFacts facts) =>
        record.Zip == new RecordedFile(facts.Zip.Sha256, facts.Zip.Size)
        && record.Info == new RecordedFile(facts.Info.Sha256, facts.Info.Size)
        && string.Equals(record.ZipHash, facts.ZipHash, StringComparison.Ordinal)
        && string.Equals(record.ModHash, facts.ModHash, StringComparison.Ordinal);
}
