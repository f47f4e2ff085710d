using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Simulator.Clock;

namespace Athens.Federation.Simulator.Nodes;

/// <summary>Where a node's <c>go</c> would fetch from: right, and slow.</summary>
/// <param name="time">The clock.</param>
/// <param name="random">Of this node.</param>
/// <param name="isForged">Gives other files than everybody else gets, as to a liar.</param>
internal sealed class SimulatedUpstream(SimulatedTime time, Random random, bool isForged) : IModuleSource
{
    public async Task<Outcome<FetchedModule>> FetchAsync(StagedModule staged, CancellationToken cancellationToken)
    {
        // What `go mod download` takes with an empty cache (docs/benchmarks.md): seconds.
        await Task.Delay(TimeSpan.FromSeconds(1.5 + (3 * random.NextDouble())), time, cancellationToken);
        ModuleVersion module = staged.Module;
        await File.WriteAllBytesAsync(staged.ZipPath, World.Zip(module, isForged), cancellationToken);
        staged.Mod = World.Mod(module);
        staged.Info = World.Info(module);
        return Outcome<FetchedModule>.Found(new FetchedModule("", "", null, "go1.24.0"), AnswerSource.Upstream);
    }

    public Task<Outcome<VersionList>> VersionsAsync(string path, CancellationToken cancellationToken) =>
        Task.FromResult(Outcome<VersionList>.Unavailable("nothing is listed here"));

    public Task<Outcome<ResolvedVersion>> ResolveAsync(string path, string query, CancellationToken cancellationToken) =>
        Task.FromResult(Outcome<ResolvedVersion>.Unavailable("nothing is resolved here"));
}
