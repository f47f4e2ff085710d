using System.Net;
using System.Net.Sockets;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Upstream;
using Athens.Federation.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Athens.Federation.Tests.Upstream;

/// <summary>What the real go says of real failures, told apart.</summary>
public sealed class FailureTests
{
    private const string Path = "example.org/m";

    [Theory]
    [InlineData(401, OutcomeKind.Forbidden)]
    [InlineData(403, OutcomeKind.Forbidden)]
    [InlineData(404, OutcomeKind.Absent)]
    [InlineData(410, OutcomeKind.Absent)]
    [InlineData(429, OutcomeKind.Unavailable)]
    [InlineData(451, OutcomeKind.Forbidden)]
    [InlineData(500, OutcomeKind.Unavailable)]
    [InlineData(502, OutcomeKind.Unavailable)]
    [InlineData(503, OutcomeKind.Unavailable)]
    [InlineData(504, OutcomeKind.Unavailable)]
    public async Task A_proxys_status_decides(int status, object expected)
    {
        await using WebApplication proxy = await ServeAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = "text/plain; charset=utf-8";
            return context.Response.WriteAsync("words of the proxy");
        });
        await ExpectAsync(new UpstreamOptions { GoProxy = proxy.Urls.First(), SumDb = "off" }, (OutcomeKind)expected, "words of the proxy");
    }

    [Fact]
    public async Task A_proxy_that_breaks_off_is_unavailable()
    {
        await using WebApplication proxy = await ServeAsync(async context =>
        {
            context.Response.ContentLength = 100;
            await context.Response.WriteAsync("v1.0.0\n");
            context.Abort();
        });
        await ExpectAsync(new UpstreamOptions { GoProxy = proxy.Urls.First(), SumDb = "off" }, OutcomeKind.Unavailable, "example.org/m");
    }

    [Fact]
    public async Task A_closed_port_is_unavailable() =>
        await ExpectAsync(
            new UpstreamOptions { GoProxy = "http://127.0.0.1:1", SumDb = "off" }, OutcomeKind.Unavailable, "connection refused");

    [Fact]
    public async Task An_upstream_that_never_answers_is_unavailable_after_the_timeout()
    {
        using TcpListener blackHole = new(IPAddress.Loopback, 0);
        blackHole.Start();
        await ExpectAsync(
            new UpstreamOptions
            {
                GoProxy = $"http://{blackHole.LocalEndpoint}",
                SumDb = "off",
                Timeout = TimeSpan.FromSeconds(1),
            },
            OutcomeKind.Unavailable,
            "did not answer within");
    }

    [Fact]
    public async Task A_folder_that_lacks_it_is_absent()
    {
        using TemporaryFolder folder = new();
        await ExpectAsync(
            new UpstreamOptions { GoProxy = $"file://{folder.Path}", SumDb = "off" }, OutcomeKind.Absent, "no such file or directory");
    }

    [Theory]
    [InlineData("off")]
    [InlineData(" off , direct")]
    [InlineData("off|https://proxy.example")]
    public async Task An_upstream_switched_off_is_absent_and_starts_no_child(string goProxy)
    {
        using LyingGo go = LyingGo.Honest();
        await ExpectAsync(new UpstreamOptions { Go = go.Path, GoProxy = goProxy }, OutcomeKind.NotHeld, "does not go upstream");
        Assert.Empty(go.Calls);
    }

    [Fact]
    public async Task No_go_command_is_this_nodes_own_fault()
    {
        UpstreamOptions options = new() { Go = "/nonexistent/go" };
        await ExpectAsync(options, OutcomeKind.Faulty, "no go command");
        using UpstreamRoom room = new(options);
        Assert.Contains("apt-get install golang-go", await room.Command.CheckAsync(CancellationToken.None), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_git_is_this_nodes_own_fault()
    {
        using TemporaryFolder path = new();
        foreach (string command in new[] { "bash", "sh" })
        {
            File.CreateSymbolicLink(path.File(command), $"/bin/{command}");
        }

        string go = new[] { "/usr/bin/go", "/usr/local/go/bin/go" }.Concat((Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':').Select(folder => System.IO.Path.Combine(folder, "go"))).First(File.Exists);
        UpstreamOptions options = new()
        {
            Go = go,
            GoProxy = "direct",
            SumDb = "off",
            Env = new Dictionary<string, string> { ["PATH"] = path.Path },
        };
        using UpstreamRoom room = new(options);
        Assert.Contains("git", await room.Command.CheckAsync(CancellationToken.None), StringComparison.Ordinal);
        Outcome<VersionList> outcome = await room.Source.VersionsAsync("github.com/pkg/errors", CancellationToken.None);
        Assert.Equal(OutcomeKind.Faulty, outcome.Kind);
    }

    [Fact]
    public async Task A_read_only_data_folder_is_this_nodes_own_fault()
    {
        using UpstreamRoom room = await UpstreamRoom.OverRepositoriesAsync();
        Assert.True((await room.Source.VersionsAsync("github.com/pkg/errors", CancellationToken.None)).IsFound);
        // Root may write anywhere, so a file in the folder's place stands for the missing permission.
        string scratch = System.IO.Path.Combine(room.Data, "vcs", "tmp");
        Directory.Delete(scratch, recursive: true);
        await File.WriteAllTextAsync(scratch, "");
        Outcome<VersionList> outcome = await room.Source.VersionsAsync("github.com/pkg/errors", CancellationToken.None);
        Assert.Equal(OutcomeKind.Faulty, outcome.Kind);
        Assert.DoesNotContain(room.Data, outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Vcs_that_GOVCS_disallows_is_forbidden()
    {
        using UpstreamRoom room = await UpstreamRoom.OverRepositoriesAsync(options => options with
        {
            Env = new Dictionary<string, string>(options.Env) { ["GOVCS"] = "*:off" },
        });
        (_, Outcome<FetchedModule> outcome) = await room.FetchAsync("github.com/pkg/errors", "v0.9.1");
        Assert.Equal(OutcomeKind.Forbidden, outcome.Kind);
        Assert.Contains("GOVCS", outcome.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("v7.7.7")]
    [InlineData("v0.0.0-20230101000000-deadbeefdead")]
    [InlineData("v0.9.1-0.20230101000000-deadbeefdead")]
    public async Task An_unknown_version_is_absent(string version)
    {
        using UpstreamRoom room = await UpstreamRoom.OverRepositoriesAsync();
        (_, Outcome<FetchedModule> outcome) = await room.FetchAsync("github.com/golang/snappy", version.StartsWith("v7", StringComparison.Ordinal) ? "v1.7.7" : version);
        Assert.Equal(OutcomeKind.Absent, outcome.Kind);
        Assert.Contains("unknown revision", outcome.Reason, StringComparison.Ordinal);
    }

    private static async Task ExpectAsync(UpstreamOptions options, OutcomeKind kind, string words)
    {
        using UpstreamRoom room = new(options);
        (StagedFiles staged, Outcome<FetchedModule> fetched) = await room.FetchAsync(Path, "v1.0.0");
        Outcome<VersionList> listed = await room.Source.VersionsAsync(Path, CancellationToken.None);
        Outcome<ResolvedVersion> resolved = await room.Source.ResolveAsync(Path, "latest", CancellationToken.None);
        Assert.Equal((kind, kind, kind), (fetched.Kind, listed.Kind, resolved.Kind));
        Assert.Contains(words, fetched.Reason, StringComparison.Ordinal);
        Assert.Contains(words, listed.Reason, StringComparison.Ordinal);
        Assert.Contains(words, resolved.Reason, StringComparison.Ordinal);
        Assert.False(File.Exists(staged.ZipPath));
        Assert.Equal(0, kind == OutcomeKind.Absent && options.GoProxy.Contains("off", StringComparison.Ordinal) ? 0 : room.ScratchFolders);
    }

    /// <summary>An upstream that answers everything so.</summary>
    internal static async Task<WebApplication> ServeAsync(RequestDelegate answer)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication server = builder.Build();
        server.Run(answer);
        await server.StartAsync();
        return server;
    }
}
