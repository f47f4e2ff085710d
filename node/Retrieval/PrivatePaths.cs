using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance;

namespace Athens.Federation.Node.Retrieval;

/// <summary>
/// Retrieval as the front sees it: what is private and not held by anybody who was asked is refused, not "not found", for that would send <c>go</c> on to
/// its next proxy with a name that is nobody's business there. "Absent" stays: upstream says it of a private path only when it has read the repository, and
/// <c>go get</c> of a package in a private module needs it, as it asks for the package's path first.
/// </summary>
/// <param name="retrieval">Does the work.</param>
/// <param name="privatePatterns">GOPRIVATE syntax.</param>
/// <param name="received">Private elsewhere, and so here.</param>
internal sealed class PrivatePaths(IModuleRetrieval retrieval, string privatePatterns, ReceivedModules received) : IModuleRetrieval
{
    private readonly PrefixPatterns patterns = new(privatePatterns);

    public async ValueTask<Outcome<StoredFile>> FileAsync(ModuleVersion module, ModuleFileKind kind, CancellationToken cancellationToken) =>
        Judge(module.Path, await retrieval.FileAsync(module, kind, cancellationToken));

    public async ValueTask<Outcome<VersionList>> VersionsAsync(string path, CancellationToken cancellationToken) =>
        Judge(path, await retrieval.VersionsAsync(path, cancellationToken));

    public async ValueTask<Outcome<ResolvedVersion>> ResolveAsync(string path, string query, CancellationToken cancellationToken) =>
        Judge(path, await retrieval.ResolveAsync(path, query, cancellationToken));

    private Outcome<T> Judge<T>(string path, Outcome<T> outcome)
        where T : class => outcome.Kind == OutcomeKind.NotHeld && (patterns.Matches(path) || received.Has(path))
        ? Outcome<T>.Forbidden($"{outcome.Reason}\n{path} is private here: \"not found\" would send go to its next proxy with the name", outcome.Source)
        : outcome;
}
