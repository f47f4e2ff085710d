using System.Text;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Integration;

/// <summary>A private look-up that fails: never 404, with which <c>go</c> would go on to its next proxy.</summary>
public sealed class PrivateFailureTests : IDisposable
{
    private const string Missing = "github.com/corp/none";

    private readonly NodeFolder folder = new() { Sections = "[pool]\norg = \"x\"\nprivate = \"github.com/corp,github.com/hashicorp,github.com/pkg/errors\"\n" };

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Go_stops_at_a_private_path_whose_repository_nobody_can_read_and_goes_on_with_any_other()
    {
        await using var node = await folder.StartAsync(await GoRepositories.SharedAsync());

        // The next proxy has both: whoever gets one, asked there.
        var next = folder.Scratch("next");
        foreach (var path in new[] { Missing, "github.com/public/none" })
        {
            var versions = Directory.CreateDirectory(Path.Combine(next, path, "@v")).FullName;
            SyntheticProxy.WriteVersion(versions, path, "v1.0.0", new byte[100]);
        }

        using var client = new GoClient($"{node.Url},file://{next}");
        (await client.RunAsync(default, "mod", "download", "github.com/public/none@v1.0.0")).OrFail();
        var refused = await client.RunAsync(default, "mod", "download", $"{Missing}@v1.0.0");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("403 Forbidden", refused.Terminal, StringComparison.Ordinal);
        Assert.Contains("is private, and upstream does not tell whether it is missing or may not be read", refused.Terminal, StringComparison.Ordinal);
        foreach (var resource in new[] { "@v/list", "@latest", "@v/main.info", "@v/v1.0.0.mod", "@v/v1.0.0.zip" })
        {
            Assert.Equal((resource, 403), (resource, await StatusAsync(node, $"/{Missing}/{resource}")));
        }

        // Here the repository was read: it is known that there is no such version, and no module in a folder of it.
        Assert.Equal(404, await StatusAsync(node, "/github.com/pkg/errors/@v/v9.9.9.info"));
        Assert.Equal(404, await StatusAsync(node, "/github.com/hashicorp/golang-lru/simplelru/@latest"));
    }

    [Fact]
    public async Task A_package_of_a_private_module_is_found_by_its_import_path()
    {
        await using var node = await folder.StartAsync(await GoRepositories.SharedAsync());
        using var client = new GoClient(node.Url.ToString());
        await File.WriteAllTextAsync(Path.Combine(client.WorkFolder, "go.mod"), "module example.org/m\n\ngo 1.19\n");
        (await client.RunAsync(default, "get", "github.com/hashicorp/golang-lru/simplelru")).OrFail();
    }

    [Fact]
    public async Task A_node_without_upstream_says_403_of_what_is_private_and_404_of_the_rest()
    {
        folder.Upstream["goproxy"] = "\"off\"";
        await using var node = await folder.StartWithoutGoAsync();
        var log = (await folder.RunAsync(null, "key", "gosumdb")).Output.Split('+')[0];
        foreach (var path in new[] { "/{0}/@v/list", "/{0}/@latest", "/{0}/@v/main.info", "/{0}/@v/v1.0.0.info", "/{0}/@v/v1.0.0.zip", $"/sumdb/{log}/lookup/{{0}}@v1.0.0" })
        {
            Assert.Equal((path, 403), (path, await StatusAsync(node, path.Replace("{0}", Missing, StringComparison.Ordinal))));
            Assert.Equal((path, 404), (path, await StatusAsync(node, path.Replace("{0}", "github.com/public/none", StringComparison.Ordinal))));
        }
    }

    [Fact]
    public async Task What_colleagues_hold_and_have_not_observed_is_refused_with_what_is_missing()
    {
        await using var a = await PeerNode.CreateAsync("a");
        await using var b = await PeerNode.CreateAsync("b");
        a.Sections = b.Sections = "[pool]\norg = \"x\"\nprivate = \"example.org/storm\"\n";
        var proxy = a.Folder.Scratch("proxy");
        SyntheticProxy.Write(proxy, 1, 1);
        var (exitCode, output) = await a.Folder.RunAsync(null, "store", "import", proxy);
        Assert.True(exitCode == 0, output);
        await a.Knows(b, org: "x").StartAsync();
        await b.Knows(a, "observe", "x").StartAsync();
        await b.Process.WaitForLineAsync("Peer a connected");
        var answer = await b.GetAsync("/example.org/storm/m0/@v/v1.0.0.zip");
        Assert.Equal(403, answer.Status);
        var words = Encoding.UTF8.GetString(answer.Body);
        Assert.Contains("example.org/storm belongs to x, and no trusted node of x is known to have observed it", words, StringComparison.Ordinal);
        Assert.Contains("example.org/storm/m0 is private here", words, StringComparison.Ordinal);
    }

    private static async Task<int> StatusAsync(NodeProcess node, string path)
    {
        using var answer = await node.Client.GetAsync(path);
        return (int)answer.StatusCode;
    }
}
