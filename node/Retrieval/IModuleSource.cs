using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Retrieval;

/// <summary>
/// Somewhere module versions can come from when the store has none: the upstream now, peers later. Nothing it gives is
/// believed: Retrieval checks the zip, computes the hashes and compares them with whatever is known.
/// </summary>
internal interface IModuleSource
{
    /// <summary>Fills <paramref name="staged"/> with the three files, or says why it cannot.</summary>
    Task<Outcome<FetchedModule>> FetchAsync(StagedModule staged, CancellationToken cancellationToken);

    /// <summary>All tagged versions of a path, pseudo-versions not among them; an empty list means "exists, none tagged".</summary>
    Task<Outcome<VersionList>> VersionsAsync(string path, CancellationToken cancellationToken);

    /// <summary>The canonical version of a query: <c>latest</c>, a branch, a tag, a commit.</summary>
    Task<Outcome<ResolvedVersion>> ResolveAsync(string path, string query, CancellationToken cancellationToken);
}

/// <summary>What a source claims of the files that it staged.</summary>
/// <param name="ClaimedZipHash">h1 of the zip as the source says; empty when it says nothing. Must equal the computed one.</param>
/// <param name="ClaimedModHash">h1 of the go.mod, likewise.</param>
/// <param name="Origin">The Origin object that <c>go</c> reported, as JSON, or null.</param>
/// <param name="GoVersion">The <c>go</c> that made the zip, e.g. <c>go1.23.5</c>; empty when unknown.</param>
internal sealed record FetchedModule(string ClaimedZipHash, string ClaimedModHash, string? Origin, string GoVersion);

/// <summary>Versions of one path, each canonical and fitting the path.</summary>
internal sealed record VersionList(IReadOnlyList<string> Versions);

/// <summary>A query's answer: the canonical version and the bytes of its <c>.info</c> (JSON with Version, Time, Origin).</summary>
internal sealed record ResolvedVersion(string Version, ReadOnlyMemory<byte> Info);
