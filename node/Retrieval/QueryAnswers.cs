using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Retrieval;

/// <summary>Answers to <c>latest</c>, branches, tags and commits.</summary>
internal sealed class QueryAnswers : IAsyncDisposable
{
    /// <summary>An answer takes under 1 KiB: room for thousands.</summary>
    public const long MaxCacheBytes = 4 << 20;

    private const int AnswerBytes = 300;

    private readonly IModuleStore store;
    private readonly ModuleSources sources;
    private readonly CachedLookup<VersionQuery, ResolvedVersion> lookup;

    public QueryAnswers(
        IModuleStore store, ModuleSources sources, RetrievalOptions options, TimeProvider time, ILogger logger)
    {
        this.store = store;
        this.sources = sources;
        LookupRules<VersionQuery, ResolvedVersion> rules = new(
            static query => query.ToString(),
            AskSourcesAsync,
            static (_, resolved, _) => new(resolved),
            HeldAsync,
            Weigh,
            MaxCacheBytes);
        lookup = new(rules, options, time, logger);
    }

    public async ValueTask<Outcome<ResolvedVersion>> AskAsync(VersionQuery query, CancellationToken cancellationToken)
    {
        if (query.Malformed() is { } reason)
        {
            return Outcome<ResolvedVersion>.Absent(reason);
        }

        Outcome<ResolvedVersion> outcome = await lookup.AskAsync(query, cancellationToken);
        if (outcome.Value is not { } resolved
            || ModuleVersion.Create(query.Path, resolved.Version, out _) is not { } module)
        {
            return outcome;
        }

        // The .info of a held module version never changes, whatever upstream says of it by now.
        return await StoredInfo.OpenAsync(store, module, cancellationToken) is { } info
            ? outcome with { Value = new ResolvedVersion(module.Version, info) }
            : outcome;
    }

    public ValueTask DisposeAsync() => lookup.DisposeAsync();

    /// <summary>Peers and upstream at once. Upstream's word is newer; where it has none, what peers hold is the answer.</summary>
    private async Task<Outcome<ResolvedVersion>> AskSourcesAsync(VersionQuery query, CancellationToken cancellationToken)
    {
        Task<Outcome<ResolvedVersion>> peers = sources.Peers?.ResolveAsync(query.Path, query.Query, cancellationToken)
            ?? Task.FromResult(Outcome<ResolvedVersion>.Absent(""));
        Outcome<ResolvedVersion> upstream = Usable(query, await sources.FirstFoundAsync(
            source => source.ResolveAsync(query.Path, query.Query, cancellationToken)));
        if (upstream.IsFound || upstream.Kind == OutcomeKind.Conflicting)
        {
            return upstream;
        }

        Outcome<ResolvedVersion> fromPeers = Usable(query, await peers);
        if (fromPeers.Value is not { } theirs)
        {
            return ModuleSources.Graver(upstream, fromPeers);
        }

        // Neither this node nor its peers need hold all: the newer of the two is the latest that can be had now.
        return query.Query == VersionQuery.Latest
            && await HeldAsync(query, cancellationToken) is { } own
            && HeldVersions.IsLater(own.Version, theirs.Version)
            ? Outcome<ResolvedVersion>.Found(own, AnswerSource.Store)
            : fromPeers;
    }

    private static Outcome<ResolvedVersion> Usable(VersionQuery query, Outcome<ResolvedVersion> outcome)
    {
        if (outcome.Value is not { } resolved)
        {
            return outcome;
        }

        string? wrong = ModuleVersion.Create(query.Path, resolved.Version, out string? reason) is null
            ? reason
            : InfoFile.Check(resolved.Info, resolved.Version);
        return wrong is null
            ? outcome with { Source = outcome.Source.Length == 0 ? AnswerSource.Upstream : outcome.Source }
            : Outcome<ResolvedVersion>.Unavailable($"the answer to {query} cannot be used: {wrong}", outcome.Source);
    }

    private async ValueTask<ResolvedVersion?> HeldAsync(VersionQuery query, CancellationToken cancellationToken)
    {
        IReadOnlyList<ModuleFacts> held = await store.HeldAsync(query.Path, cancellationToken);
        ModuleFacts? found = query.Query == VersionQuery.Latest
            ? HeldVersions.Latest(held)
            : HeldVersions.Find(held, query.Query);
        return found is not null && await StoredInfo.OpenAsync(store, found.Module, cancellationToken) is { } info
            ? new ResolvedVersion(found.Module.Version, info)
            : null;
    }

    private static long Weigh(VersionQuery query, ResolvedVersion resolved) =>
        AnswerBytes + resolved.Info.Length + (2L * (query.Path.Length + query.Query.Length + resolved.Version.Length));
}
