using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.OwnLog;

namespace Athens.Federation.Node.Retrieval.Records;

/// <summary>
/// The node's own log as a Go checksum database: what is asked and not yet held is retrieved, verified, stored and recorded before it is answered.
/// </summary>
internal sealed class OwnChecksumDatabase : IChecksumDatabase
{
    private readonly NodeLog log;
    private readonly LogFiles files;
    private readonly ModuleRecords records;
    private readonly IModuleRetrieval retrieval;
    private readonly IModuleStore store;
    private readonly ILogger logger;

    public OwnChecksumDatabase(
        NodeLog log, ModuleRecords records, IModuleRetrieval retrieval, IModuleStore store, ILogger<OwnChecksumDatabase> logger)
    {
        this.log = log;
        this.records = records;
        this.retrieval = retrieval;
        this.store = store;
        this.logger = logger;
        files = new LogFiles(log);
    }

    public string Name => log.Name;

    public async ValueTask<Outcome<ChecksumAnswer>> LookupAsync(ModuleVersion module, CancellationToken cancellationToken)
    {
        try
        {
            if (log.Problem is { } problem)
            {
                return Outcome<ChecksumAnswer>.Faulty(problem);
            }

            if (await files.LookupAsync(module, cancellationToken) is { } known)
            {
                return Found(known);
            }

            var outcome = await retrieval.FileAsync(module, ModuleFileKind.Info, cancellationToken);
            outcome.Value?.Dispose();
            return outcome.IsFound ? await RecordAsync(module, cancellationToken) : outcome.As<ChecksumAnswer>();
        }
        catch (IOException error)
        {
            return Failed(error);
        }
    }

    public async ValueTask<Outcome<ChecksumAnswer>> ReadAsync(string resource, CancellationToken cancellationToken)
    {
        try
        {
            if (log.Problem is { } problem)
            {
                return Outcome<ChecksumAnswer>.Faulty(problem);
            }

            // Not "absent": a tile that the log does not have yet it may have the next moment.
            return await files.ReadAsync(resource, cancellationToken) is { } file
                ? Outcome<ChecksumAnswer>.Found(new ChecksumAnswer(file.Bytes, file.IsImmutable), AnswerSource.Store)
                : Outcome<ChecksumAnswer>.NotHeld($"the log {log.Name} has no such file");
        }
        catch (IOException error)
        {
            return Failed(error);
        }
    }

    private async ValueTask<Outcome<ChecksumAnswer>> RecordAsync(ModuleVersion module, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(module, cancellationToken) is not { } facts || await records.AppendAsync(facts, cancellationToken) is not { } appended)
        {
            return Outcome<ChecksumAnswer>.Faulty($"{module} was stored but could not be read back; the node's log says more");
        }

        if (appended.Kind == AppendKind.Conflicting)
        {
            logger.RecordConflicts(module, log.Name, appended.Number, appended.Record.ZipHash, facts.ZipHash);
            return Outcome<ChecksumAnswer>.Conflicting(
                $"{module} is held with the hash {facts.ZipHash}, but the record {appended.Number} of the log {log.Name} has {appended.Record.ZipHash}");
        }

        return await files.LookupAsync(module, cancellationToken) is { } found
            ? Found(found)
            : Outcome<ChecksumAnswer>.Faulty(log.Problem ?? $"the record of {module} could not be read back; the node's log says more");
    }

    private Outcome<ChecksumAnswer> Failed(IOException error)
    {
        logger.LookupFailed(log.Name, error.Message);
        return error is StoreFailedException { NoSpace: true } ? Outcome<ChecksumAnswer>.OutOfSpace(error.Message) : Outcome<ChecksumAnswer>.Faulty(error.Message);
    }

    private static Outcome<ChecksumAnswer> Found(byte[] answer) =>
        Outcome<ChecksumAnswer>.Found(new ChecksumAnswer(answer, IsImmutable: false), AnswerSource.Store);
}
