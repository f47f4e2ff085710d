using System.Diagnostics;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.Trust;
using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Retrieval;

/// <summary>
/// The way of a request: the store, then peers and upstream, verified before anything is admitted. A hit touches nothing
/// that a miss waits for.
/// </summary>
internal sealed class ModuleRetrieval : IModuleRetrieval, IAsyncDisposable
{
    /// <summary>
    /// Module versions fetched at once, most of them waiting for an upstream worker at the cost of a few KB each; one
    /// cold <c>go</c> asks for about ten at a time.
    /// </summary>
    public const int MaxFlights = 1024;

    /// <summary>Callers waiting for flights: beyond, a node is not slow but lost, and says so at once.</summary>
    public const int MaxWaiters = 8192;

    private readonly IModuleStore store;
    private readonly ILogger logger;
    private readonly FailureMemory<ModuleVersion> failures;
    private readonly Verifier verifier;
    private readonly SingleFlight<ModuleVersion, Outcome<ModuleFacts>> flights;
    private readonly TaggedVersions versions;
    private readonly QueryAnswers queries;
    private readonly TrustDesk desk;

    public ModuleRetrieval(
        IModuleStore store,
        ModuleSources sources,
        FlightBoard board,
        RetrievalOptions options,
        TrustDesk desk,
        TimeProvider time,
        ILogger<ModuleRetrieval> logger)
    {
        this.store = store;
        this.logger = logger;
        this.desk = desk;
        verifier = new Verifier(options.Checks);
        failures = new(options.AbsentTtl, Timeout.InfiniteTimeSpan, time);
        ModuleFetch fetch = new(store, new SourceRace(store, sources, verifier, desk, logger), board, failures, time, logger);
        FlightRules rules = new("retrieval.fetch", MaxFlights, MaxWaiters, options.FetchDeadline);
        versions = new(store, sources, options, time, logger);
        queries = new(store, sources, options, time, logger);
        flights = new(rules, (module, cancellationToken) => FetchAsync(fetch, module, cancellationToken), fetch.Broken, time);
        desk.IncidentsChanged += failures.ForgetConflicts;
    }

    public async ValueTask<Outcome<StoredFile>> FileAsync(
        ModuleVersion module, ModuleFileKind kind, CancellationToken cancellationToken)
    {
        using Activity? span = StartSpan(module.Path, module.Version);
        try
        {
            return Ended(span, await store.OpenAsync(module, kind, cancellationToken) is { } file
                ? Outcome<StoredFile>.Found(file, AnswerSource.Store)
                : await MissedAsync(module, kind, cancellationToken));
        }
        catch (IOException exception)
        {
            return Ended(span, Unreadable<StoredFile>(module.ToString(), exception));
        }
    }

    public async ValueTask<Outcome<VersionList>> VersionsAsync(string path, CancellationToken cancellationToken)
    {
        using Activity? span = StartSpan(path, "");
        if (ModulePath.Check(path) is { } reason)
        {
            return Ended(span, Outcome<VersionList>.Absent(reason));
        }

        try
        {
            return Ended(span, await versions.AskAsync(path, cancellationToken));
        }
        catch (IOException exception)
        {
            return Ended(span, Unreadable<VersionList>(path, exception));
        }
    }

    public async ValueTask<Outcome<ResolvedVersion>> ResolveAsync(
        string path, string query, CancellationToken cancellationToken)
    {
        using Activity? span = StartSpan(path, query);
        if (ModulePath.Check(path) is { } reason)
        {
            return Ended(span, Outcome<ResolvedVersion>.Absent(reason));
        }

        try
        {
            return Ended(span, ModuleVersion.Create(path, query, out _) is { } module
                ? await CanonicalAsync(module, cancellationToken)
                : await queries.AskAsync(new VersionQuery(path, query), cancellationToken));
        }
        catch (IOException exception)
        {
            return Ended(span, Unreadable<ResolvedVersion>($"{path}@{query}", exception));
        }
    }

    /// <summary>Ends all flights; what they staged is cleared away before this returns.</summary>
    public async ValueTask DisposeAsync()
    {
        desk.IncidentsChanged -= failures.ForgetConflicts;
        await flights.DisposeAsync();
        await versions.DisposeAsync();
        await queries.DisposeAsync();
        verifier.Dispose();
    }

    private async ValueTask<Outcome<StoredFile>> MissedAsync(
        ModuleVersion module, ModuleFileKind kind, CancellationToken cancellationToken)
    {
        if (failures.Recall(module) is { } failure)
        {
            return failure.As<StoredFile>();
        }

        FlightEnd<Outcome<ModuleFacts>> end =
            await flights.JoinAsync(module, Timeout.InfiniteTimeSpan, cancellationToken);
        if (end.State == FlightState.Full)
        {
            return Outcome<StoredFile>.Unavailable(
                $"this node is fetching as much as it can; try {module} again in a moment");
        }

        if (!end.Result.IsFound)
        {
            return end.Result.As<StoredFile>();
        }

        return await store.OpenAsync(module, kind, cancellationToken) is { } file
            ? Outcome<StoredFile>.Found(file, end.Result.Source)
            : Outcome<StoredFile>.Faulty($"{module} was stored but could not be read back; the node's log says more");
    }

    private async Task<Outcome<ModuleFacts>> FetchAsync(
        ModuleFetch fetch, ModuleVersion module, CancellationToken cancellationToken)
    {
        Outcome<ModuleFacts> outcome = await fetch.RunAsync(module, cancellationToken);
        if (outcome.IsFound)
        {
            versions.Admitted(module);
        }

        return outcome;
    }

    private async ValueTask<Outcome<ResolvedVersion>> CanonicalAsync(
        ModuleVersion module, CancellationToken cancellationToken)
    {
        Outcome<StoredFile> outcome = await FileAsync(module, ModuleFileKind.Info, cancellationToken);
        if (outcome.Value is not { } found)
        {
            return outcome.As<ResolvedVersion>();
        }

        using StoredFile file = found;
        ReadOnlyMemory<byte> info = await StoredInfo.ReadAsync(file, cancellationToken);
        return Outcome<ResolvedVersion>.Found(new ResolvedVersion(module.Version, info), outcome.Source);
    }

    private Outcome<T> Unreadable<T>(string what, IOException exception)
        where T : class
    {
        logger.StoreUnreadable(what, exception.Message);
        return Outcome<T>.Faulty($"this node could not read its store: {exception.Message}");
    }

    private static Activity? StartSpan(string path, string version)
    {
        Activity? span = Tracing.Source.StartActivity("retrieval");
        return span?.SetTag("athens.module", path).SetTag("athens.version", version);
    }

    private static Outcome<T> Ended<T>(Activity? span, Outcome<T> outcome)
        where T : class
    {
        if (span is not null)
        {
            span.SetTag("athens.outcome", outcome.Kind.ToString()).SetTag("athens.source", outcome.Source);
        }

        return outcome;
    }
}
