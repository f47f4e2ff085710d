using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Upstream;

public sealed class RepositoriesTests
{
    [Fact]
    public async Task The_program_builds_from_the_repositories_and_runs()
    {
        GoRepositories repositories = await GoRepositories.SharedAsync();
        using GoClient client = new("direct", repositories.GitConfigEnvironment);
        ProgramSource.Write(client.WorkFolder, repositories);
        (await client.RunAsync(CancellationToken.None, "build", "-o", "program", ".")).OrFail();
        ChildRun run = await ChildProcess.RunAsync(
            Path.Combine(client.WorkFolder, "program"), [], client.WorkFolder, GoClient.BareEnvironment, CancellationToken.None);
        Assert.Equal(ProgramSource.Output, run.OrFail().Output);
        Assert.NotEmpty(await File.ReadAllTextAsync(Path.Combine(client.WorkFolder, "go.sum")));
    }

    [Fact]
    public async Task Every_feature_is_offered()
    {
        GoRepositories repositories = await GoRepositories.SharedAsync();
        string[] features = ["capital", "folder", "incompatible", "major", "meta", "no-go.mod", "plain", "pre-release", "pseudo"];
        Assert.Equal(features, repositories.Modules.Select(module => module.Feature).Distinct().Order());
        Assert.True(repositories.Modules.Select(module => module.Path).Distinct().Count() > 25);
    }
}
