using System.Diagnostics;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Retrieval;

/// <summary>What one flight does: see whether it is needed, have it fetched, verified and admitted, remember a failure.</summary>
internal sealed class ModuleFetch
{
    private readonly IModuleStore store;
    private readonly SourceRace race;
    private readonly FlightBoard board;
    private readonly FailureMemory<ModuleVersion> failures;
    private readonly TimeProvider time;
    private readonly ILogger logger;

    public ModuleFetch(
        IModuleStore store,
        SourceRace race,
        FlightBoard board,
        FailureMemory<ModuleVersion> failures,
        TimeProvider time,
        ILogger logger)
    {
        this.store = store;
        this.race = race;
        this.board = board;
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
        using FlightBoard.Entry flight = board.Begin(module);
        Outcome<ModuleFacts> outcome = await race.RunAsync(module, held, flight, cancellationToken);
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
                return Fail(module, new Admission(store, logger).NotStored(module, io));
            default:
                logger.Fault($"Fetching {module}", exception);
                return Fail(module, Outcome<ModuleFacts>.Faulty($"fetching {module} failed by a fault of this node; its log says more"));
        }
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
