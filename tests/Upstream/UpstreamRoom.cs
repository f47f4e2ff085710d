using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Upstream;
using Athens.Federation.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Athens.Federation.Tests.Upstream;

/// <summary>The room as the node composes it, over a data folder of the test's own.</summary>
internal sealed class UpstreamRoom : IDisposable
{
    private readonly TemporaryFolder data = new("upstream");
    private readonly ServiceProvider services;

    public UpstreamRoom(UpstreamOptions options)
    {
        ServiceCollection collection = new();
        collection.AddLogging(builder => builder.ClearProviders());
        collection.AddUpstream(options, data.Path);
        services = collection.BuildServiceProvider();
    }

    public string Data => data.Path;

    public string Clones => Path.Combine(data.Path, "vcs", "clones");

    public IModuleSource Source => services.GetRequiredService<IModuleSource>();

    public GoCommand Command => services.GetRequiredService<GoCommand>();

    public VcsCache Cache => services.GetRequiredService<VcsCache>();

    public GoChildren Children => services.GetRequiredService<GoChildren>();

    /// <summary>Folders of children that still stand; none must, once all have ended.</summary>
    public int ScratchFolders => Directory.GetDirectories(Path.Combine(data.Path, "vcs", "tmp")).Length;

    public static async Task<UpstreamRoom> OverRepositoriesAsync(Func<UpstreamOptions, UpstreamOptions>? change = null)
    {
        GoRepositories repositories = await GoRepositories.SharedAsync();
        return new UpstreamRoom(change is null ? repositories.Options : change(repositories.Options));
    }

    public StagedFiles Stage(string path, string version) =>
        new()
        {
            Module = ModuleVersion.Create(path, version, out string? reason) ?? throw new ArgumentException(reason),
            ZipPath = data.File($"staged/{Guid.NewGuid():N}.zip"),
        };

    public async Task<(StagedFiles Staged, Outcome<FetchedModule> Outcome)> FetchAsync(
        string path, string version, CancellationToken cancellationToken = default)
    {
        StagedFiles staged = Stage(path, version);
        return (staged, await Source.FetchAsync(staged, cancellationToken));
    }

    public void Dispose()
    {
        services.Dispose();
        data.Dispose();
    }
}

internal sealed class StagedFiles : StagedModule
{
    public override ValueTask DisposeAsync()
    {
        File.Delete(ZipPath);
        return ValueTask.CompletedTask;
    }
}
