using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Integration;

/// <summary>What a developer reads in the terminal, in the real output of the real <c>go</c>.</summary>
public sealed class DeveloperMessagesTests : IDisposable
{
    private readonly NodeFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_module_that_does_not_exist_is_named_with_what_upstream_said()
    {
        var output = await DownloadAsync(await GoRepositories.SharedAsync(), "github.com/pkg/errors@v0.9.99");
        Assert.Contains("github.com/pkg/errors@v0.9.99", output, StringComparison.Ordinal);
        Assert.Contains("404 Not Found", output, StringComparison.Ordinal);
        Assert.Contains("unknown revision v0.9.99", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forbidden_module_says_who_refused_it_and_what_to_do()
    {
        folder.WriteGo("""
            #!/bin/sh
            case "$1 $2" in
            "mod download") printf '{"Path":"example.org/secret","Version":"v1.0.0","Error":"example.org/secret@v1.0.0: reading https://proxy.example.org/example.org/secret/@v/v1.0.0.info: 403 Forbidden"}'; exit 1 ;;
            esac
            exec go "$@"
            """);
        var output = await DownloadAsync(null, "example.org/secret@v1.0.0");
        Assert.Contains("403 Forbidden", output, StringComparison.Ordinal);
        Assert.Contains("proxy.example.org", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_module_whose_bytes_conflict_is_refused_with_the_reason()
    {
        folder.WriteGo("""
            #!/bin/sh
            case "$1 $2" in
            "mod download") printf '{"Path":"example.org/moved","Version":"v1.0.0","Error":"example.org/moved@v1.0.0: verifying module: checksum mismatch\\n\\tdownloaded: h1:AAAA\\n\\tsum.golang.org: h1:BBBB\\n\\nSECURITY ERROR"}'; exit 1 ;;
            esac
            exec go "$@"
            """);
        var output = await DownloadAsync(null, "example.org/moved@v1.0.0");
        Assert.Contains("403 Forbidden", output, StringComparison.Ordinal);
        Assert.Contains("checksum mismatch", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unreachable_upstream_is_a_server_error_and_never_not_found()
    {
        folder.Upstream["goproxy"] = "\"http://127.0.0.1:1\"";
        var output = await DownloadAsync(null, "example.org/any@v1.0.0");
        Assert.Contains("502 Bad Gateway", output, StringComparison.Ordinal);
        Assert.Contains("connection refused", output, StringComparison.Ordinal);
    }

    private async Task<string> DownloadAsync(GoRepositories? repositories, string module)
    {
        await using var node = await folder.StartAsync(repositories);
        using var client = new GoClient(node.Url.ToString());
        var run = await client.RunAsync(default, "mod", "download", module);
        Assert.NotEqual(0, run.ExitCode);
        return run.Terminal;
    }
}
