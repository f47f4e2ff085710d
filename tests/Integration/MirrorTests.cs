using System.Text;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Integration;

/// <summary>Real nodes that follow one another's logs.</summary>
public sealed class MirrorTests
{
    private const string Errors = "github.com/pkg/errors@v0.9.1";
    private const string Cobra = "github.com/spf13/cobra@v1.6.1";

    [Fact]
    public async Task Go_verifies_against_the_log_of_one_node_through_another_also_while_the_first_is_away()
    {
        var repositories = await GoRepositories.SharedAsync();
        await using var a = await PeerNode.CreateAsync("a", repositories);
        await using var b = await PeerNode.CreateAsync("b");
        await a.Knows(b).StartAsync();
        await b.Knows(a, "observe").StartAsync();
        await a.ReloadAsync();
        var (line, name) = await LogOfAsync(a);
        await WaitForSizeAsync(b, name, 0);

        // Nobody has it yet: the look-up goes on to the log's own node, which retrieves it.
        Assert.Equal((200, "peer:a"), await LookupAsync(b, name, Errors));
        await DownloadAsync(b, line, Errors);
        await a.Process.StopAsync();
        await DownloadAsync(b, line, Errors);
        Assert.Equal(502, (await LookupAsync(b, name, Cobra)).Status);
        await b.Process.DisposeAsync();
        await b.StartAsync();
        await DownloadAsync(b, line, Errors);

        await a.StartAsync();
        await b.ReloadAsync();
        await DownloadAsync(a, line, Cobra);
        var size = await SizeAsync(a, name);
        await WaitForSizeAsync(b, name, size);
        await a.Process.KillAsync();
        await a.StartAsync();
        Assert.Equal(size, await SizeAsync(a, name));
        var after = b.Process.Output.Length;
        await b.ReloadAsync();
        await b.Process.WaitForLineAsync("Peer a connected", after);
        await DownloadAsync(b, line, Cobra);
        Assert.Equal((await b.GetAsync($"/sumdb/{name}/latest")).Body, (await a.GetAsync($"/sumdb/{name}/latest")).Body);
        Assert.DoesNotContain("SECURITY", a.Process.Output + b.Process.Output, StringComparison.Ordinal);
        Assert.Equal(0, await b.Process.StopAsync());
    }

    [Fact]
    public async Task Private_records_leave_the_organization_as_hashes_alone()
    {
        await using var a = await PeerNode.CreateAsync("a");
        await using var stranger = await PeerNode.CreateAsync("stranger");
        await using var colleague = await PeerNode.CreateAsync("colleague");
        var stems = await ImportAsync(a, modules: 2);
        var (hidden, open) = (stems[0], stems[1]);
        a.Sections = "[pool]\norg = \"x\"\nprivate = \"example.org/*/m0\"\n";
        colleague.Sections = "[pool]\norg = \"x\"\nmirror = \"all\"\n";
        stranger.Sections = "[pool]\norg = \"y\"\nmirror = \"all\"\n";
        await a.Knows(stranger, org: "y").Knows(colleague, org: "x").StartAsync();
        await stranger.Knows(a, "observe", "x").StartAsync();
        await colleague.Knows(a, "none", "x").StartAsync();
        var (_, name) = await LogOfAsync(a);
        await WaitForSizeAsync(stranger, name, 2);
        await WaitForSizeAsync(colleague, name, 2);

        Assert.Equal(200, (await stranger.GetAsync($"/sumdb/{name}/lookup/{ModuleOf(open)}")).Status);
        Assert.Equal(404, (await stranger.GetAsync($"/sumdb/{name}/lookup/{ModuleOf(hidden)}")).Status);
        Assert.Equal(404, (await stranger.GetAsync($"/sumdb/{name}/tile/8/data/000.p/2")).Status);
        Assert.Equal(200, (await colleague.GetAsync($"/sumdb/{name}/lookup/{ModuleOf(hidden)}")).Status);
        Assert.Equal((await a.GetAsync($"/sumdb/{name}/tile/8/0/000.p/2")).Body, (await stranger.GetAsync($"/sumdb/{name}/tile/8/0/000.p/2")).Body);
        Assert.Equal((await a.GetAsync($"/sumdb/{name}/tile/8/data/000.p/2")).Body, (await colleague.GetAsync($"/sumdb/{name}/tile/8/data/000.p/2")).Body);
        foreach (var node in new[] { stranger, colleague })
        {
            await node.Process.StopAsync();
            var kept = string.Concat(Directory.EnumerateFiles(node.Folder.Data, "mirrors.db*").Select(file => Encoding.Latin1.GetString(File.ReadAllBytes(file))));
            Assert.Contains(PathOf(open), kept, StringComparison.Ordinal);
            Assert.Equal(node == colleague, kept.Contains(PathOf(hidden), StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_node_put_back_from_a_backup_learns_from_its_peer_that_it_lost_records_and_signs_nothing()
    {
        await using var a = await PeerNode.CreateAsync("a");
        await using var b = await PeerNode.CreateAsync("b");
        await ImportAsync(a, modules: 1);
        await a.Knows(b).StartAsync();
        var (_, name) = await LogOfAsync(a);
        await WaitForSizeAsync(a, name, 1);
        await a.Process.StopAsync();

        // All of the node, its mark too: nothing in it tells that there was more.
        using var backup = new TemporaryFolder("backup");
        Storage.TemporaryFolder.Copy(a.Folder.Data, backup.File("data"));
        await ImportAsync(a, modules: 3);
        await a.StartAsync();
        await b.Knows(a, "observe").StartAsync();
        await WaitForSizeAsync(b, name, 3);
        await a.Process.StopAsync();
        Directory.Delete(a.Folder.Data, recursive: true);
        Storage.TemporaryFolder.Copy(backup.File("data"), a.Folder.Data);
        File.SetUnixFileMode(Path.Combine(a.Folder.Data, "keys"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await a.StartAsync();
        await b.ReloadAsync();

        await b.Process.WaitForLineAsync("SECURITY: peer a has lost records");
        await a.Process.WaitForLineAsync("Nothing is signed by the log");
        Assert.Equal(500, (await a.GetAsync($"/sumdb/{name}/latest")).Status);
        Assert.Equal(3, await SizeAsync(b, name));
        await a.Process.StopAsync();
        var (exitCode, output) = await a.Folder.RunAsync(null, "log", "recover");
        Assert.Equal(1, exitCode);
        Assert.Contains("a head of 3 was signed", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_histories_of_one_log_are_found_proven_and_end_its_use()
    {
        await using var a = await PeerNode.CreateAsync("a");
        await using var copy = await PeerNode.CreateAsync("copy");
        await using var b = await PeerNode.CreateAsync("b");
        Directory.Delete(copy.Folder.Data, recursive: true);
        Storage.TemporaryFolder.Copy(a.Folder.Data, copy.Folder.Data);
        File.SetUnixFileMode(Path.Combine(copy.Folder.Data, "keys"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        // Of one size: then two heads are proof enough, whoever meets them first, the mirror or the witness that the copy asks for its cosignature.
        var stems = await ImportAsync(a, modules: 2);
        await ImportAsync(copy, modules: 1, versions: 2);
        await a.Knows(b).StartAsync();
        await copy.Knows(b).StartAsync();
        var (_, name) = await LogOfAsync(a);
        await b.Knows(a, "observe").StartAsync();
        await WaitForSizeAsync(b, name, 2);

        a.Address = copy.Address;
        await b.ReloadAsync();
        await b.Process.WaitForLineAsync("SECURITY: incident");
        var answer = await ShortPause.UntilAsync(() => b.GetAsync($"/sumdb/{name}/lookup/{ModuleOf(stems[0])}"), answer => answer.Status == 403);
        Assert.Equal(403, answer.Status);
        Assert.NotEmpty(Directory.EnumerateFiles(Path.Combine(b.Folder.Data, "evidence"), "*", SearchOption.AllDirectories));
    }

    private static async Task<string[]> ImportAsync(PeerNode node, int modules, int versions = 1)
    {
        var proxy = Path.GetDirectoryName(node.Folder.Scratch($"proxy{modules}/x"))!;
        var stems = SyntheticProxy.Write(proxy, modules, versions);
        var (exitCode, output) = await node.Folder.RunAsync(null, "store", "import", proxy);
        Assert.True(exitCode == 0, output);
        return stems;
    }

    private static string PathOf(string stem) => stem[..stem.IndexOf("/@v/", StringComparison.Ordinal)];

    private static string ModuleOf(string stem) => stem.Replace("/@v/", "@", StringComparison.Ordinal);

    /// <summary>What a developer has of a node's log, and its name.</summary>
    private static async Task<(string Line, string Name)> LogOfAsync(PeerNode node)
    {
        var line = (await node.Folder.RunAsync(null, "key", "gosumdb")).Output.Trim();
        return (line, line.Split('+')[0]);
    }

    private static async Task DownloadAsync(PeerNode node, string line, string module)
    {
        using var client = new GoClient(node.Process.Url.ToString(), new Dictionary<string, string>(StringComparer.Ordinal) { ["GOSUMDB"] = line });
        (await client.RunAsync(default, "mod", "download", module)).OrFail();
        Assert.True(Directory.Exists(Path.Combine(client.Environment["GOPATH"], "pkg", "sumdb")), "go did not verify against a checksum database");
    }

    private static async Task<(int Status, string Source)> LookupAsync(PeerNode node, string name, string module)
    {
        var (status, source, _) = await node.GetAsync($"/sumdb/{name}/lookup/{module}");
        return (status, source);
    }

    /// <summary>Records in a log as a node serves it; -1 when it serves none.</summary>
    private static async Task<long> SizeAsync(PeerNode node, string name)
    {
        var (status, _, body) = await node.GetAsync($"/sumdb/{name}/latest");
        return status == 200 ? long.Parse(Encoding.UTF8.GetString(body).Split('\n')[1], System.Globalization.CultureInfo.InvariantCulture) : -1;
    }

    private static async Task WaitForSizeAsync(PeerNode node, string name, long size) =>
        Assert.True(await ShortPause.UntilAsync(() => SizeAsync(node, name), found => found >= size) >= size, node.Process.Output);
}
