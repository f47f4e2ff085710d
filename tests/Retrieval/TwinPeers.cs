using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Tests.Retrieval;

/// <summary>Peers in memory, which do what a test tells them.</summary>
internal sealed class TwinPeers : IPeerSource
{
    public Func<PeerFetch, CancellationToken, Task<Outcome<ModuleFacts>>> Fetch { get; set; } =
        static (_, _) => Task.FromResult(Outcome<ModuleFacts>.Absent("no peer holds it"));

    public Outcome<VersionList> Versions { get; set; } = Outcome<VersionList>.Absent("no peer knows");

    public Outcome<ResolvedVersion> Resolved { get; set; } = Outcome<ResolvedVersion>.Absent("no peer knows");

    /// <summary>Completes when the fetch that <see cref="HangAsync"/> holds has been cancelled.</summary>
    public TaskCompletionSource Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<Outcome<ModuleFacts>> FetchAsync(PeerFetch fetch, CancellationToken cancellationToken) => Fetch(fetch, cancellationToken);

    public Task<Outcome<VersionList>> VersionsAsync(string path, CancellationToken cancellationToken) => Task.FromResult(Versions);

    public Task<Outcome<ResolvedVersion>> ResolveAsync(string path, string query, CancellationToken cancellationToken) =>
        Task.FromResult(Resolved);

    /// <summary>What an honest holder does.</summary>
    public static async Task<Outcome<ModuleFacts>> DeliverAsync(GenuineModule module, PeerFetch fetch, CancellationToken cancellationToken)
    {
        fetch.Staged.Info = module.Info;
        fetch.Staged.Mod = module.Mod;
        await File.WriteAllBytesAsync(fetch.Staged.ZipPath, module.Zip, cancellationToken);
        Verdict verdict = await fetch.VerifyAsync(new FetchedModule(module.ZipHash, module.ModHash, null, ""), "peer:a", cancellationToken);
        return verdict.Facts is { } facts
            ? Outcome<ModuleFacts>.Found(facts, "peer:a")
            : Outcome<ModuleFacts>.Unavailable($"peer a: {verdict.Malformed ?? verdict.Conflict!.ToString()}", "peer:a");
    }

    public async Task<Outcome<ModuleFacts>> HangAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Cancelled.TrySetResult();
            throw;
        }

        return Outcome<ModuleFacts>.Absent("");
    }
}
