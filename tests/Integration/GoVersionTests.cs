using System.Text;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Integration;

/// <summary>Every <c>go</c> that can be had verifies against a node's own log, and cries out when somebody tampers with it.</summary>
public sealed class GoVersionTests(LongLogNode node) : IClassFixture<LongLogNode>
{
    private const string Errors = "github.com/pkg/errors@v0.9.1";
    private const string Private = "github.com/gorilla/mux@v1.8.0";

    /// <summary>A private one, capital letters, a host that only its meta page tells.</summary>
    private static readonly string[] Modules = [Errors, Private, "github.com/BurntSushi/toml@v1.2.0", "github.com/spf13/cobra@v1.6.1", "gopkg.in/yaml.v3@v3.0.1"];

    [Theory]
    [InlineGo(GoVersions.Own)]
    [InlineGo("1.21")]
    [InlineGo("1.23")]
    [InlineGo("1.24")]
    [InlineGo("1.26")]
    [InlineGo("1.27")]
    public async Task It_verifies_with_nothing_but_the_proxy_and_the_line_private_modules_included(string version)
    {
        using var client = Client(version, node.Node.Url.ToString());
        foreach (var module in Modules)
        {
            (await DownloadAsync(client, module)).OrFail();
        }

        // Its own cache has what it verified with: it asked, and did not merely go without.
        var kept = Path.Combine(client.ModuleCache, "cache", "download", "sumdb", node.Line.Split('+')[0], "lookup");
        Assert.Equal(Modules.Length, Directory.GetFiles(kept, "*", SearchOption.AllDirectories).Length);
    }

    [Theory]
    [InlineGo(GoVersions.Own)]
    [InlineGo("1.21")]
    [InlineGo("1.23")]
    [InlineGo("1.24")]
    [InlineGo("1.26")]
    [InlineGo("1.27")]
    public async Task It_takes_heads_with_signatures_of_others(string version)
    {
        using var client = Client(version, node.Relay.Url);
        node.Relay.Change = (path, body) => path.Contains("/lookup/", StringComparison.Ordinal) || path.EndsWith("/latest", StringComparison.Ordinal)
            ? [.. body, .. Encoding.UTF8.GetBytes($"— witness.example/w1 {Convert.ToBase64String(new byte[76])}\n")]
            : body;
        (await DownloadAsync(client, Errors)).OrFail();
    }

    [Theory]
    [InlineGo(GoVersions.Own)]
    [InlineGo("1.21")]
    [InlineGo("1.23")]
    [InlineGo("1.24")]
    [InlineGo("1.26")]
    [InlineGo("1.27")]
    public async Task It_refuses_a_changed_record_tile_or_head(string version)
    {
        (string Path, Func<byte[], byte[]> Change, string Said)[] cases =
        [
            ("/lookup/", body => Replace(body, "v0.9.1 h1:", "v0.9.1 h1:AAAA"), "cannot authenticate record data"),
            ("/lookup/", body => Replace(body, "zip sha256:", "zip sha256:0"), "cannot authenticate record data"),
            ("/tile/8/0/", body => [.. body[..10], (byte)(body[10] ^ 1), .. body[11..]], "inconsistent tile"),
            ("/lookup/", body => Replace(body, "go.sum database tree\n", "go.sum database tree\n1"), "invalid signature"),
            (".zip", body => [.. body[..^200], (byte)(body[^200] ^ 1), .. body[^199..]], ""),
        ];
        foreach (var (path, change, said) in cases)
        {
            using var client = Client(version, node.Relay.Url);
            node.Relay.Change = (asked, body) => asked.Contains(path, StringComparison.Ordinal) ? change(body) : body;
            var run = await DownloadAsync(client, Errors);
            Assert.NotEqual(0, run.ExitCode);
            Assert.Contains(said, run.Terminal, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineGo(GoVersions.Own)]
    [InlineGo("1.21")]
    [InlineGo("1.23")]
    [InlineGo("1.24")]
    [InlineGo("1.26")]
    [InlineGo("1.27")]
    public async Task It_cries_out_at_a_forked_log(string version)
    {
        using var client = Client(version, node.Node.Url.ToString());
        (await DownloadAsync(client, Private)).OrFail();
        client.Environment["GOPROXY"] = node.Other.Url.ToString();
        client.EmptyModuleCache();
        var run = await DownloadAsync(client, Errors);
        Assert.NotEqual(0, run.ExitCode);
        Assert.True(
            run.Terminal.Contains("SECURITY ERROR", StringComparison.Ordinal) || run.Terminal.Contains("inconsistent tile", StringComparison.Ordinal),
            run.Terminal);
    }

    [Fact]
    public async Task All_of_them_at_once_verify_while_their_look_ups_append_to_the_log()
    {
        var versions = GoVersions.All.Where(version => GoVersions.Missing(version) is null);
        string[] fresh = ["github.com/google/uuid@v1.2.0", "github.com/BurntSushi/toml@v1.1.0", "github.com/gorilla/mux@v1.7.4", .. Modules];
        var runs = await Task.WhenAll(versions.SelectMany(version => fresh.Select(module => (version, module))).Select(async one =>
        {
            using var client = Client(one.version, node.Node.Url.ToString());
            return await DownloadAsync(client, one.module);
        }));
        Assert.All(runs, run => run.OrFail());
    }

    private static byte[] Replace(byte[] body, string what, string by) =>
        Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(body).Replace(what, by, StringComparison.Ordinal));

    private static Task<ChildRun> DownloadAsync(GoClient client, string module) => client.RunAsync(default, "mod", "download", "-json", module);

    private GoClient Client(string version, string proxy) =>
        new(proxy, new Dictionary<string, string>(StringComparer.Ordinal) { ["GOSUMDB"] = node.Line }) { Command = GoVersions.Command(version) };
}
