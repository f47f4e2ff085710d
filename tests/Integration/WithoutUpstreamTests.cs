using System.Net;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Integration;

/// <summary>A node that has no upstream at all, and one that has lost its own.</summary>
public sealed class WithoutUpstreamTests : IDisposable
{
    private const string Held = "/github.com/dustin/go-humanize";

    private readonly NodeFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_node_without_upstream_and_without_go_serves_a_build_out_of_what_it_holds()
    {
        var repositories = await GoRepositories.SharedAsync();
        await using (var node = await folder.StartAsync(repositories))
        {
            await BuildAsync(node, repositories);
            Assert.Equal(0, await node.StopAsync());
        }

        folder.Upstream["goproxy"] = "\"off\"";
        await using var offline = await folder.StartWithoutGoAsync();
        await BuildAsync(offline, repositories);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(offline, "/readyz"));

        // A package's import path alone: go asks for each of its prefixes, and takes 404 for "no module of this name".
        using var client = new GoClient(offline.Url.ToString());
        await File.WriteAllTextAsync(Path.Combine(client.WorkFolder, "go.mod"), "module example.org/m\n\ngo 1.19\n");
        (await client.RunAsync(default, "get", "github.com/dustin/go-humanize/english")).OrFail();
        foreach (var unknown in new[]
        {
            "/github.com/dustin/@v/list", "/github.com/@latest", "/example.org/none/@v/list", "/example.org/none/@latest",
            "/example.org/none/@v/main.info", "/example.org/none/@v/v1.0.0.info", "/example.org/none/@v/v1.0.0.zip", $"{Held}/@v/v9.9.9.mod",
        })
        {
            Assert.Equal((unknown, HttpStatusCode.NotFound), (unknown, await StatusAsync(offline, unknown)));
        }

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(offline, $"{Held}/@latest"));
    }

    [Fact]
    public async Task A_node_that_has_an_upstream_but_cannot_ask_it_never_says_that_something_does_not_exist()
    {
        await using var node = await folder.StartWithoutGoAsync();
        foreach (var path in new[] { "/example.org/none/@v/list", "/example.org/none/@latest", "/example.org/none/@v/v1.0.0.info" })
        {
            Assert.Equal((path, HttpStatusCode.InternalServerError), (path, await StatusAsync(node, path)));
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(node, "/readyz"));
    }

    private static async Task<HttpStatusCode> StatusAsync(NodeProcess node, string path)
    {
        using var answer = await node.Client.GetAsync(path);
        return answer.StatusCode;
    }

    private static async Task BuildAsync(NodeProcess node, GoRepositories repositories)
    {
        using var client = new GoClient(node.Url.ToString());
        ProgramSource.Write(client.WorkFolder, repositories);
        (await client.RunAsync(default, "build", "-o", "program", ".")).OrFail();
    }
}
