using System.Diagnostics;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Retrieval;

/// <summary>What one flight does: stage, fetch from the first source that can, verify, admit.</summary>
internal sealed class ModuleFetch
{
    /// <summary>ENOSPC and EDQUOT, which .NET gives as an IOException's HResult on Unix.</summary>
    private const int NoSpaceLeft = 28;
    private const int QuotaExceeded = 122;

    private readonly IModuleStore store;
    private readonly SourceOrder sources;
    private readonly Verifier verifier;
    private readonly FailureMemory<ModuleVersion> failures;
    private readonly TimeProvider time;
    private readonly ILogger logger;

    public ModuleFetch(
        IModuleStore store,
        SourceOrder sources,
        Verifier verifier,
        FailureMemory<ModuleVersion> failures,
        TimeProvider time,
        ILogger logger)
    {
        this.store = store;
        this.sources = sources;
        this.verifier = verifier;
        this.failures = failures;
        this.time = time;
        this.logger = logger;
    }

    public async Task<Outcome<ModuleFacts>> RunAsync(ModuleVersion module, CancellationToken cancellationToken)
    {
        // Who misses the store, then boards just after another flight has landed, must not fetch a second time.
        if (failures.Recall(module) is { } failure)
        {
            return failure.As<ModuleFacts>();
        }

        Activity.Current?.SetTag("athens.module", module.Path).SetTag("athens.version", module.Version);
        ModuleFacts? held = await store.FindAsync(module, cancellationToken);
        if (held is not null && await IsWholeAsync(module, cancellationToken))
        {
            return Outcome<ModuleFacts>.Found(held, AnswerSource.Store);
        }

        long start = time.GetTimestamp();
        Outcome<ModuleFacts> outcome = await sources.FirstFoundAsync(
            source => TryAsync(source, module, held, cancellationToken));
        Meters.Fetch(outcome.Kind.ToString(), time.GetElapsedTime(start));
        if (outcome.IsFound)
        {
            logger.Fetched(module, outcome.Source, time.GetElapsedTime(start));
            return Ended(outcome);
        }

        return Fail(module, outcome);
    }

    /// <summary>The outcome of a flight that threw; a passed deadline is one of these.</summary>
    public Outcome<ModuleFacts> Broken(ModuleVersion module, Exception exception)
    {
        switch (exception)
        {
            case OperationCanceledException:
                return Fail(module, Outcome<ModuleFacts>.Unavailable($"fetching {module} took too long and was given up; try again"));
            case IOException io:
                return Fail(module, NotStored(module, io));
            default:
                logger.Fault($"Fetching {module}", exception);
                return Fail(module, Outcome<ModuleFacts>.Faulty($"fetching {module} failed by a fault of this node; its log says more"));
        }
    }

    private async Task<Outcome<ModuleFacts>> TryAsync(
        IModuleSource source, ModuleVersion module, ModuleFacts? held, CancellationToken cancellationToken)
    {
        try
        {
            await using StagedModule staged = await store.StageAsync(module, cancellationToken);
            Outcome<FetchedModule> fetched = await source.FetchAsync(staged, cancellationToken);
            if (fetched.Value is not { } claims)
            {
                if (fetched.Kind == OutcomeKind.Conflicting)
                {
                    logger.SourceReportsConflict(module, fetched.Source, fetched.Reason);
                }

                return fetched.As<ModuleFacts>();
            }

            string name = fetched.Source.Length == 0 ? AnswerSource.Upstream : fetched.Source;
            Verdict verdict = await verifier.VerifyAsync(staged, claims, held, name, cancellationToken);
            return verdict.Facts is { } facts
                ? await AdmitAsync(staged, facts, cancellationToken)
                : Refused(module, name, verdict);
        }
        catch (IOException exception)
        {
            return NotStored(module, exception);
        }
    }

    private async Task<Outcome<ModuleFacts>> AdmitAsync(
        StagedModule staged, ModuleFacts facts, CancellationToken cancellationToken)
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

    private Outcome<ModuleFacts> Refused(ModuleVersion module, string source, Verdict verdict)
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

    private Outcome<ModuleFacts> NotStored(ModuleVersion module, IOException exception)
    {
        logger.NotStored(module, exception.Message);
        bool noSpace = exception is StoreFailedException failed
            ? failed.NoSpace
            : exception.HResult is NoSpaceLeft or QuotaExceeded;
        return noSpace
            ? Outcome<ModuleFacts>.OutOfSpace(exception.Message)
            : Outcome<ModuleFacts>.Faulty(exception.Message);
    }

    private Outcome<ModuleFacts> Fail(ModuleVersion module, Outcome<ModuleFacts> outcome)
    {
        failures.Remember(module, outcome.Kind, outcome.Reason);
        logger.NotFetched(module, outcome.Kind, outcome.Reason);
        return Ended(outcome);
    }

    private static Outcome<ModuleFacts> Ended(Outcome<ModuleFacts> outcome)
    {
        Activity.Current?.SetTag("athens.outcome", outcome.Kind.ToString()).SetTag("athens.source", outcome.Source);
        return outcome;
    }

    /// <summary>Facts outlive a damaged file, so facts alone do not mean that there is nothing to fetch.</summary>
    private async ValueTask<bool> IsWholeAsync(ModuleVersion module, CancellationToken cancellationToken)
    {
        foreach (ModuleFileKind kind in Enum.GetValues<ModuleFileKind>())
        {
            using StoredFile? file = await store.OpenAsync(module, kind, cancellationToken);
            if (file is null)
            {
                return false;
            }
        }

        return true;
    }
}
