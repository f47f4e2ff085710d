using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Retrieval;

/// <summary>
/// What the front asks: every answer comes from the first source that can give verified bytes. One fetch per module
/// version however many ask; it outlives its first caller; a hit never waits for a miss.
/// The token ends only this caller's waiting.
/// </summary>
internal interface IModuleRetrieval
{
    /// <summary>One file of a canonical module version. The caller disposes the file.</summary>
    ValueTask<Outcome<StoredFile>> FileAsync(ModuleVersion module, ModuleFileKind kind, CancellationToken cancellationToken);

    /// <summary>Tagged versions, sorted by semantic version: those upstream has, and those held here.</summary>
    ValueTask<Outcome<VersionList>> VersionsAsync(string path, CancellationToken cancellationToken);

    /// <summary>The canonical version of <c>latest</c>, a branch, a tag or a commit.</summary>
    ValueTask<Outcome<ResolvedVersion>> ResolveAsync(string path, string query, CancellationToken cancellationToken);
}
