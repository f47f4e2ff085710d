using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Retrieval;

/// <summary>The last step of a fetch: into the store, or an outcome that says why not.</summary>
internal sealed class Admission
{
    /// <summary>ENOSPC and EDQUOT, which .NET gives as an IOException's HResult on Unix.</summary>
    private const int NoSpaceLeft = 28;
    private const int QuotaExceeded = 122;

    private readonly IModuleStore store;
    private readonly ILogger logger;

    public Admission(IModuleStore store, ILogger logger)
    {
        this.store = store;
        this.logger = logger;
    }

    public async Task<Outcome<ModuleFacts>> AdmitAsync(StagedModule staged, ModuleFacts facts, CancellationToken cancellationToken)
    {
        AdmitOutcome admitted = await store.AdmitAsync(staged, facts, cancellationToken);
        if (!admitted.Conflicts)
        {
            return Outcome<ModuleFacts>.Found(admitted.Facts, facts.Source);
        }

        bool zipDiffers = !string.Equals(admitted.Facts.ZipHash, facts.ZipHash, StringComparison.Ordinal);
        return Refused(staged.Module, facts.Source, zipDiffers
            ? Verdict.Disagree("the zip that this node holds", admitted.Facts.ZipHash, facts.ZipHash)
            : Verdict.Disagree("the go.mod that this node holds", admitted.Facts.ModHash, facts.ModHash));
    }

    public Outcome<ModuleFacts> Refused(ModuleVersion module, string source, Verdict verdict)
    {
        if (verdict.Conflict is { } conflict)
        {
            logger.HashesDisagree(module, source, conflict.What, conflict.Expected, conflict.Computed);
            return Outcome<ModuleFacts>.Conflicting(
                $"{module} from {source} is refused, its hashes disagree with {conflict}", source);
        }

        logger.Malformed(module, source, verdict.Malformed!);
        return Outcome<ModuleFacts>.Unavailable($"{module} from {source} is refused: {verdict.Malformed}", source);
    }

    public Outcome<ModuleFacts> NotStored(ModuleVersion module, IOException exception)
    {
        logger.NotStored(module, exception.Message);
        bool noSpace = exception is StoreFailedException failed
            ? failed.NoSpace
            : exception.HResult is NoSpaceLeft or QuotaExceeded;
        return noSpace
            ? Outcome<ModuleFacts>.OutOfSpace(exception.Message)
            : Outcome<ModuleFacts>.Faulty(exception.Message);
    }
}
