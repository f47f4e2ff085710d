using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Integration;

/// <summary>A real program of twenty real libraries, built by the real <c>go</c> through a node.</summary>
public sealed class RealProgramTests : IDisposable
{
    private readonly NodeFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_program_builds_through_the_node_cold_warm_and_with_the_repositories_gone()
    {
        await using var repositories = await GoRepositories.CreateAsync();
        var direct = await BuildAsync("direct", repositories, repositories.GitConfigEnvironment);

        await using (var node = await folder.StartAsync(repositories))
        {
            var cold = await BuildAsync(node.Url.ToString(), repositories);
            Assert.Equal(direct, cold);

            repositories.Remove();
            var gone = await BuildAsync(node.Url.ToString(), repositories);
            Assert.Equal(direct, gone);
            Assert.Equal(0, await node.StopAsync());
        }

        await using (var node = await folder.StartAsync(repositories))
        {
            Assert.Equal(direct, await BuildAsync(node.Url.ToString(), repositories));
        }

        Assert.Equal(direct, await BuildAsync($"file://{folder.Download}", repositories));
    }

    [Fact]
    public async Task Every_module_version_of_the_repositories_is_served_as_go_itself_finds_it()
    {
        var repositories = await GoRepositories.SharedAsync();
        await using var node = await folder.StartAsync(repositories);
        foreach (var module in repositories.Modules)
        {
            using var direct = new GoClient("direct", repositories.GitConfigEnvironment);
            using var client = new GoClient(node.Url.ToString());
            var expected = (await direct.RunAsync(default, "mod", "download", "-json", module.ToString())).OrFail();
            var served = (await client.RunAsync(default, "mod", "download", "-json", module.ToString())).OrFail();
            Assert.Equal(Sums(expected.Output), Sums(served.Output));
        }
    }

    [Fact]
    public async Task Queries_and_lists_answer_as_go_itself_does()
    {
        var repositories = await GoRepositories.SharedAsync();
        await using var node = await folder.StartAsync(repositories);
        using var direct = new GoClient("direct", repositories.GitConfigEnvironment);
        using var client = new GoClient(node.Url.ToString());
        foreach (var query in new[]
        {
            "github.com/pkg/errors@latest", "github.com/pkg/errors@develop", "github.com/pkg/errors@v0", "github.com/spf13/cobra@<v1.6.1",
            "github.com/docker/go-units@main", "github.com/docker/go-units@latest",
            "github.com/golang/snappy@latest", "github.com/dustin/go-humanize/english@latest",
        })
        {
            var expected = (await direct.RunAsync(default, "list", "-m", "-f", "{{.Path}} {{.Version}} {{.Time}}", query)).OrFail();
            var served = (await client.RunAsync(default, "list", "-m", "-f", "{{.Path}} {{.Version}} {{.Time}}", query)).OrFail();
            Assert.Equal(expected.Output, served.Output);
        }

        var paths = repositories.Modules.Select(module => module.Path).Distinct(StringComparer.Ordinal).ToArray();
        var versions = (await direct.RunAsync(default, ["list", "-m", "-versions", .. paths])).OrFail();
        Assert.Equal(versions.Output, (await client.RunAsync(default, ["list", "-m", "-versions", .. paths])).OrFail().Output);
    }

    private static string[] Sums(string json)
    {
        using var document = System.Text.Json.JsonDocument.Parse(json);
        return [.. new[] { "Path", "Version", "Sum", "GoModSum" }.Select(name => document.RootElement.GetProperty(name).GetString()!)];
    }

    /// <summary>Builds and runs the program with an empty module cache; returns its go.sum.</summary>
    private static async Task<string> BuildAsync(string proxy, GoRepositories repositories, IReadOnlyDictionary<string, string>? environment = null)
    {
        using var client = new GoClient(proxy, environment);
        ProgramSource.Write(client.WorkFolder, repositories);
        (await client.RunAsync(default, "build", "-o", "program", ".")).OrFail();
        var run = await ChildProcess.RunAsync(Path.Combine(client.WorkFolder, "program"), [], client.WorkFolder, GoClient.BareEnvironment, default);
        Assert.Equal(ProgramSource.Output, run.OrFail().Output);
        return await File.ReadAllTextAsync(Path.Combine(client.WorkFolder, "go.sum"));
    }
}
