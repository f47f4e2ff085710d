using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Retrieval;

/// <summary>Lists of tagged versions: always the union of those upstream has and those held here.</summary>
internal sealed class TaggedVersions : IAsyncDisposable
{
    /// <summary>A list of 1,000 versions takes 60 KB, an ordinary one 2 KB: room for thousands of paths.</summary>
    public const long MaxCacheBytes = 16 << 20;

    /// <summary>The longest lists known have a few thousand versions; a source that gives more than this is not believed.</summary>
    public const int MaxVersions = 100_000;

    /// <summary>A string's header, its slot in the list; characters come on top at two bytes.</summary>
    private const int VersionBytes = 32;

    private const int ListBytes = 250;

    private readonly IModuleStore store;
    private readonly ModuleSources sources;
    private readonly CachedLookup<string, VersionList> lookup;

    public TaggedVersions(
        IModuleStore store, ModuleSources sources, RetrievalOptions options, TimeProvider time, ILogger logger)
    {
        this.store = store;
        this.sources = sources;
        LookupRules<string, VersionList> rules = new(
            static path => $"the versions of {path}", AskSourcesAsync, CompleteAsync, HeldAsync, Weigh, MaxCacheBytes);
        lookup = new(rules, options, time, logger);
    }

    public ValueTask<Outcome<VersionList>> AskAsync(string path, CancellationToken cancellationToken) =>
        lookup.AskAsync(path, cancellationToken);

    /// <summary>A module version has come into the store: it stands in the list from now on.</summary>
    public void Admitted(ModuleVersion module)
    {
        lookup.ForgetFailure(module.Path);
        lookup.Amend(module.Path, list => HeldVersions.Merge(module.Path, list.Versions, [module.Version]));
    }

    public ValueTask DisposeAsync() => lookup.DisposeAsync();

    /// <summary>
    /// Peers and upstream at once. What peers hold on a trusted record stays in the list when upstream has lost it, and
    /// is the list when upstream cannot be asked.
    /// </summary>
    private async Task<Outcome<VersionList>> AskSourcesAsync(string path, CancellationToken cancellationToken)
    {
        Task<Outcome<VersionList>> peers = sources.Peers?.VersionsAsync(path, cancellationToken)
            ?? Task.FromResult(Outcome<VersionList>.Absent(""));
        Outcome<VersionList> upstream = Bounded(path, await sources.FirstFoundAsync(
            source => source.VersionsAsync(path, cancellationToken)));
        Outcome<VersionList> fromPeers = Bounded(path, await peers);
        if (upstream.Kind == OutcomeKind.Conflicting || fromPeers.Value is not { } theirs)
        {
            return upstream.IsFound ? upstream : ModuleSources.Graver(upstream, fromPeers);
        }

        return upstream.Value is { } list
            ? upstream with { Value = HeldVersions.Merge(path, list.Versions, theirs.Versions) }
            : fromPeers;
    }

    private static Outcome<VersionList> Bounded(string path, Outcome<VersionList> outcome)
    {
        if (outcome.Value is not { } list)
        {
            return outcome;
        }

        return list.Versions.Count > MaxVersions
            ? Outcome<VersionList>.Unavailable($"{path} has {list.Versions.Count} versions, more than {MaxVersions}")
            : outcome with { Source = outcome.Source.Length == 0 ? AnswerSource.Upstream : outcome.Source };
    }

    private async ValueTask<VersionList> CompleteAsync(
        string path, VersionList upstream, CancellationToken cancellationToken)
    {
        IReadOnlyList<ModuleFacts> held = await store.HeldAsync(path, cancellationToken);
        return HeldVersions.Merge(path, upstream.Versions, held.Select(static facts => facts.Module.Version));
    }

    private async ValueTask<VersionList?> HeldAsync(string path, CancellationToken cancellationToken)
    {
        IReadOnlyList<ModuleFacts> held = await store.HeldAsync(path, cancellationToken);
        return held.Count == 0
            ? null
            : HeldVersions.Merge(path, held.Select(static facts => facts.Module.Version), []);
    }

    private static long Weigh(string path, VersionList list)
    {
        long bytes = ListBytes + (2L * path.Length);
        foreach (string version in list.Versions)
        {
            bytes += VersionBytes + (2L * version.Length);
        }

        return bytes;
    }
}
