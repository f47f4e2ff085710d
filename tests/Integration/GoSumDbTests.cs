using System.Text;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Integration;

/// <summary>The real <c>go</c> verifies against a node's own log, told nothing but GOPROXY and the line of <c>athens key gosumdb</c>.</summary>
public sealed class GoSumDbTests : IDisposable
{
    private const string Errors = "github.com/pkg/errors@v0.9.1";
    private const string Cobra = "github.com/spf13/cobra@v1.6.1";

    private readonly NodeFolder folder = new() { Sections = "[node]\nname = \"office-1\"" };

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_line_to_paste_stands_alone()
    {
        var (exitCode, output) = await folder.RunAsync(null, "key", "gosumdb");
        Assert.Equal(0, exitCode);
        Assert.Matches("^office-1/[0-9a-f]{8}\\+[0-9a-f]{8}\\+[A-Za-z0-9+/=]{44}\n$", output);
        folder.Sections += "\n[storage]\nkind = \"memory\"\n";
        var (refused, reason) = await folder.RunAsync(null, "key", "gosumdb");
        Assert.Equal(1, refused);
        Assert.Contains("memory", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_real_program_is_verified_by_the_log_alone_also_when_the_repositories_are_gone()
    {
        await using var repositories = await GoRepositories.CreateAsync();
        string first;
        await using (var node = await folder.StartAsync(repositories))
        {
            first = await BuildAsync(node, repositories);
            repositories.Remove();
            Assert.Equal(first, await BuildAsync(node, repositories));
            await node.StopAsync();
        }

        await using var again = await folder.StartAsync(repositories);
        Assert.Equal(first, await BuildAsync(again, repositories));
    }

    [Fact]
    public async Task A_client_with_history_goes_on_through_restarts_and_growth()
    {
        var repositories = await GoRepositories.SharedAsync();
        using var client = await ClientAsync("http://127.0.0.1:1");
        foreach (var module in new[] { Errors, Cobra, "github.com/BurntSushi/toml@v1.2.0" })
        {
            await using var node = await folder.StartAsync(repositories);
            client.Environment["GOPROXY"] = node.Url.ToString();
            client.EmptyModuleCache();
            (await DownloadAsync(client, module)).OrFail();
            await node.StopAsync();
        }
    }

    [Fact]
    public async Task Go_refuses_a_changed_record_tile_or_head()
    {
        var repositories = await GoRepositories.SharedAsync();
        await using var node = await folder.StartAsync(repositories);
        foreach (var module in new[] { Errors, Cobra })
        {
            using var honest = await ClientAsync(node.Url.ToString());
            (await DownloadAsync(honest, module)).OrFail();
        }

        await using var relay = await TamperingRelay.StartAsync(node.Client);
        var cases = new (string Path, Func<byte[], byte[]> Change, string Said)[]
        {
            ("/lookup/", body => Replace(body, "v0.9.1 h1:", "v0.9.1 h1:AAAA"), "cannot authenticate record data"),
            ("/lookup/", body => Replace(body, "zip sha256:", "zip sha256:0"), "cannot authenticate record data"),
            ("/tile/8/0/", body => [.. body[..10], (byte)(body[10] ^ 1), .. body[11..]], "inconsistent tile"),
            ("/lookup/", body => Replace(body, "go.sum database tree\n", "go.sum database tree\n1"), "invalid signature"),
            (".mod", body => [.. body, (byte)'\n'], "checksum mismatch"),
        };
        foreach (var (path, change, said) in cases)
        {
            using var client = await ClientAsync(relay.Url);
            relay.Change = (asked, body) => asked.Contains(path, StringComparison.Ordinal) ? change(body) : body;
            var run = await DownloadAsync(client, Errors);
            Assert.NotEqual(0, run.ExitCode);
            Assert.Contains(said, run.Terminal, StringComparison.Ordinal);
            relay.Change = (_, body) => body;
        }

        using var last = await ClientAsync(relay.Url);
        (await DownloadAsync(last, Errors)).OrFail();
    }

    [Fact]
    public async Task Go_cries_out_at_two_histories_under_one_name()
    {
        var repositories = await GoRepositories.SharedAsync();
        await using (var node = await folder.StartAsync(repositories))
        {
            await node.StopAsync();
        }

        // A second node with the same keys: what a copied data folder would be.
        using var copy = new NodeFolder { Sections = folder.Sections };
        Storage.TemporaryFolder.Copy(folder.Data, copy.Data);
        File.SetUnixFileMode(Path.Combine(copy.Data, "keys"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await using var one = await folder.StartAsync(repositories);
        await using var two = await copy.StartAsync(repositories);
        using var client = await ClientAsync(one.Url.ToString());
        (await DownloadAsync(client, Errors)).OrFail();
        using (var other = await ClientAsync(two.Url.ToString()))
        {
            (await DownloadAsync(other, Cobra)).OrFail();
        }

        client.Environment["GOPROXY"] = two.Url.ToString();
        client.EmptyModuleCache();
        var run = await DownloadAsync(client, Cobra);
        Assert.NotEqual(0, run.ExitCode);

        // Which of the two depends on which tiles go still has of the first history (golang.org/x/mod/sumdb, client.go).
        Assert.True(
            run.Terminal.Contains("SECURITY ERROR", StringComparison.Ordinal) || run.Terminal.Contains("inconsistent tile", StringComparison.Ordinal),
            run.Terminal);
    }

    [Fact]
    public async Task What_does_not_exist_or_cannot_be_had_stops_go_with_the_reason()
    {
        var repositories = await GoRepositories.SharedAsync();
        await using var node = await folder.StartAsync(repositories);
        var name = await NameAsync();
        using var absent = await node.Client.GetAsync($"/sumdb/{name}/lookup/github.com/pkg/errors@v9.9.9+incompatible");
        using var download = await node.Client.GetAsync("/github.com/pkg/errors/@v/v9.9.9+incompatible.info");
        Assert.Equal(download.StatusCode, absent.StatusCode);
        using var supported = await node.Client.GetAsync($"/sumdb/{name}/supported");
        Assert.True(supported.IsSuccessStatusCode);
        using var other = await node.Client.GetAsync("/sumdb/sum.golang.org/supported");
        Assert.Equal(System.Net.HttpStatusCode.NotFound, other.StatusCode);
    }

    private static byte[] Replace(byte[] body, string what, string by) =>
        Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(body).Replace(what, by, StringComparison.Ordinal));

    private async Task<string> LineAsync() => (await folder.RunAsync(null, "key", "gosumdb")).Output.Trim();

    private async Task<string> NameAsync() => (await LineAsync()).Split('+')[0];

    private async Task<GoClient> ClientAsync(string proxy) =>
        new(proxy, new Dictionary<string, string>(StringComparer.Ordinal) { ["GOSUMDB"] = await LineAsync() });

    private static Task<ChildRun> DownloadAsync(GoClient client, string module) => client.RunAsync(default, "mod", "download", module);

    private async Task<string> BuildAsync(NodeProcess node, GoRepositories repositories)
    {
        using var client = await ClientAsync(node.Url.ToString());
        ProgramSource.Write(client.WorkFolder, repositories);
        (await client.RunAsync(default, "build", "-o", "program", ".")).OrFail();
        Assert.True(Directory.Exists(Path.Combine(client.Environment["GOPATH"], "pkg", "sumdb")), "go did not verify against a checksum database");
        return await File.ReadAllTextAsync(Path.Combine(client.WorkFolder, "go.sum"));
    }
}
