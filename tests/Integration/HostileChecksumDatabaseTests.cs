using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.PublicDatabases;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Provenance.PublicDatabases;
using Athens.Federation.Tests.Upstream.ChecksumDatabases;

namespace Athens.Federation.Tests.Integration;

/// <summary>A real node before a checksum database that lies on a real socket: what a developer reads, and what is left for the operator.</summary>
public sealed class HostileChecksumDatabaseTests : IAsyncLifetime, IDisposable
{
    private static readonly ModuleVersion Seen = PublishedLog.Module(3);
    private static readonly ModuleVersion Asked = PublishedLog.Module(44);

    private readonly NodeFolder folder = new();
    private readonly PublishedLog log = new PublishedLog().Grow(500);
    private readonly RawSource server;
    private PublishedLog source;
    private string? wire;

    public HostileChecksumDatabaseTests()
    {
        source = log;
        server = new RawSource(AnswerAsync);

        // Nothing is repeated from the front's memory.
        folder.Upstream["list_ttl"] = "\"0s\"";
        folder.Upstream["sumdb"] = $"\"{log.Identity.Key} {server.Address.ToString().TrimEnd('/')}\"";
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await server.DisposeAsync();

    public void Dispose()
    {
        log.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("fork")]
    [InlineData("forged head")]
    [InlineData("changed hash")]
    [InlineData("record of another module")]
    [InlineData("wrong tile")]
    public async Task A_lie_is_answered_403_with_SECURITY_and_evidence_is_kept(string lie)
    {
        await using var node = await StartAsync();
        using var thief = SigningKey.Create(log.Identity.Name);
        using var fork = log.Fork(30);
        fork.Add(PublishedLog.Module(9_999), "example.org/m9999 v1.0.0 h1:x\n");
        fork.Grow(700);
        log.Grow(600);
        if (lie == "fork")
        {
            source = fork;
        }

        log.Tamper = (resource, answer) => (lie, resource.Split('/')[0]) switch
        {
            ("forged head", "lookup") => Lies.Resigned(answer, thief),
            ("changed hash", "lookup") => SourceAnswer.Found(Lies.Replace(answer.Body.Span, PublishedLog.H1($"{Asked}"), PublishedLog.H1("evil"))),
            ("record of another module", "lookup") => SourceAnswer.Found(log.Lookup(12, 0)),
            ("wrong tile", "tile") => Lies.Flipped(answer),
            _ => null,
        };
        var (status, reason, _) = await LookupAsync(node, Asked);
        Assert.True(status == HttpStatusCode.Forbidden, $"{status}: {reason}");
        Assert.Contains("SECURITY", reason, StringComparison.Ordinal);
        Assert.Contains("tell the operator", reason, StringComparison.Ordinal);
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(folder.Data, "evidence", "sumdb")));
        await node.WaitForLineAsync("SECURITY: the checksum database");
        Assert.Equal(lie == "fork", (await folder.RunAsync(null, "incident", "list")).Output.Contains(log.Identity.Name, StringComparison.Ordinal));
        await StillServedAsync(node);
    }

    [Theory]
    [InlineData("HTTP/1.1 500 Internal Server Error\nContent-Length: 0\n\n", HttpStatusCode.BadGateway)]
    [InlineData("HTTP/1.1 503 Service Unavailable\nContent-Type: text/plain\nContent-Length: 5\n\nlater", HttpStatusCode.BadGateway)]
    [InlineData("HTTP/1.1 302 Found\nLocation: http://169.254.169.254/latest\nContent-Length: 0\n\n", HttpStatusCode.BadGateway)]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 500\n\n12\nexample.org/m44 v1.0.0 h1:", HttpStatusCode.BadGateway)]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 26\n\n<html>log in first</html>\n", HttpStatusCode.BadGateway)]
    [InlineData("\0\0\0\0", HttpStatusCode.BadGateway)]
    [InlineData("", HttpStatusCode.BadGateway)]
    [InlineData("HTTP/1.1 404 Not Found\nContent-Type: text/plain\nContent-Length: 18\n\nunknown revision x", HttpStatusCode.NotFound)]
    [InlineData("HTTP/1.1 410 Gone\nContent-Length: 0\n\n", HttpStatusCode.NotFound)]
    public async Task What_is_no_answer_accuses_nobody_and_only_404_and_410_mean_not_found(string bytes, HttpStatusCode expected)
    {
        await using var node = await StartAsync();
        wire = bytes;
        var (status, reason, _) = await LookupAsync(node, Asked);
        Assert.True(status == expected, $"{status}: {reason}");
        Assert.DoesNotContain("SECURITY", reason, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder.Data, "evidence", "sumdb")));
        await StillServedAsync(node);
        wire = null;
        Assert.Equal(HttpStatusCode.OK, (await LookupAsync(node, Asked)).Status);
    }

    [Fact]
    public async Task A_head_rolled_back_is_not_passed_on()
    {
        await using var node = await StartAsync();
        source = log.Fork(100);
        using var latest = await node.Client.GetAsync($"/sumdb/{log.Identity.Name}/latest");
        Assert.StartsWith("go.sum database tree\n500\n", await latest.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var (status, answer, _) = await LookupAsync(node, Asked);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("go.sum database tree\n500\n", answer, StringComparison.Ordinal);
    }

    /// <summary>A node that has proven one record.</summary>
    private async Task<NodeProcess> StartAsync()
    {
        var node = await folder.StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await LookupAsync(node, Seen)).Status);
        return node;
    }

    private async Task StillServedAsync(NodeProcess node)
    {
        var (status, answer, from) = await LookupAsync(node, Seen);
        Assert.Equal((HttpStatusCode.OK, "store"), (status, from));
        Assert.Contains(PublishedLog.H1($"{Seen}"), answer, StringComparison.Ordinal);
    }

    private async Task<(HttpStatusCode Status, string Body, string? Source)> LookupAsync(NodeProcess node, ModuleVersion module)
    {
        using var answer = await node.Client.GetAsync($"/sumdb/{log.Identity.Name}/lookup/{module}");
        var from = answer.Headers.TryGetValues("X-Athens-Source", out var values) ? values.Single() : null;
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(), from);
    }

    private async Task AnswerAsync(string first, NetworkStream stream, CancellationToken cancellationToken)
    {
        if (wire is not null)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(wire.ReplaceLineEndings("\r\n")), cancellationToken);
            return;
        }

        var resource = first.Split(' ')[1]["/base/".Length..];
        var answer = await source.GetAsync(resource, int.MaxValue, cancellationToken);
        var status = answer.Kind == SourceAnswerKind.Found ? "200 OK" : "404 Not Found";
        var head = string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {answer.Body.Length}\r\n\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), cancellationToken);
        await stream.WriteAsync(answer.Body, cancellationToken);
    }
}
