using System.Net.Sockets;
using System.Text.Json;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Storage;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Provenance.Incidents;
using Microsoft.Extensions.Logging.Abstractions;

namespace Athens.Federation.Tests.Integration;

/// <summary><c>athens incident</c> and <c>athens evidence</c> as an operator types them, and the socket between.</summary>
public sealed class IncidentCommandTests : IDisposable
{
    private readonly NodeFolder folder = new();
    private readonly Cases cases = new();

    private string Socket => Path.Combine(folder.Data, "admin.sock");

    public void Dispose()
    {
        folder.Dispose();
        cases.Dispose();
    }

    [Fact]
    public async Task An_incident_is_listed_shown_and_cleared_for_good()
    {
        var id = await LeaveIncidentAsync(cases.Fork(10, 37));
        await using (var node = await folder.StartWithoutGoAsync())
        {
            Assert.Contains(id, await node.WaitForLineAsync("incidents are open"), StringComparison.Ordinal);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Socket));
            var (exitCode, output) = await folder.RunAsync(null, "incident", "list");
            Assert.Equal(0, exitCode);
            Assert.Matches($"^{id}  .* open +forked-log +log a/11111111\n$", output);
            (exitCode, output) = await folder.RunAsync(null, "incident", "show", id);
            Assert.Equal(0, exitCode);
            Assert.Contains("signed two histories", output, StringComparison.Ordinal);
            Assert.Contains("by this node", output, StringComparison.Ordinal);
            (exitCode, output) = await folder.RunAsync(null, "incident", "clear", "0000000000000000", "--because", "x");
            Assert.Equal((1, true), (exitCode, output.StartsWith("athens: there is no incident 0000000000000000 here", StringComparison.Ordinal)));
            Assert.Equal(2, (await folder.RunAsync(null, "incident", "clear", id)).ExitCode);
            Assert.Equal(2, (await folder.RunAsync(null, "incident", "clear", id, "--because", " ")).ExitCode);
            (exitCode, output) = await folder.RunAsync(null, "incident", "clear", id, "--because", "the disk was restored");
            Assert.True(exitCode == 0, output);
            Assert.Contains("the disk was restored", await node.WaitForLineAsync($"Incident {id} was cleared by {Environment.UserName}"), StringComparison.Ordinal);
            await node.KillAsync();
        }

        // A killed node leaves its socket behind; the next one takes its place.
        Assert.True(File.Exists(Socket));
        await using (var node = await folder.StartWithoutGoAsync())
        {
            var (exitCode, output) = await folder.RunAsync(null, "incident", "list", "--json");
            Assert.Equal(0, exitCode);
            var incident = JsonDocument.Parse(output).RootElement[0];
            Assert.Equal("cleared", incident.GetProperty("state").GetString());
            Assert.Equal("the disk was restored", incident.GetProperty("cleared").GetProperty("because").GetString());
            Assert.Equal(1, (await folder.RunAsync(null, "incident", "clear", id, "--because", "again")).ExitCode);
            Assert.Equal(0, await node.StopAsync());
        }

        Assert.False(File.Exists(Socket));
    }

    [Fact]
    public async Task Without_a_node_the_verb_says_how_to_start_one()
    {
        var (exitCode, output) = await folder.RunAsync(null, "incident", "list");
        Assert.Equal((1, $"athens: no node runs on {folder.Data}: start it with athens serve\n"), (exitCode, output));
    }

    [Fact]
    public async Task A_path_too_long_for_a_socket_costs_the_socket_and_nothing_else()
    {
        var data = Path.Combine(folder.Data, new string('d', 100));
        await using var node = await NodeProcess.StartAsync(data, new Dictionary<string, string> { ["PATH"] = "/nonexistent", ["ATHENS_UPSTREAM_GOPROXY"] = "off" });
        Assert.Contains("shorter path", await node.WaitForLineAsync("runs without admin.sock"), StringComparison.Ordinal);
        var (exitCode, output) = await NodeProcess.RunAsync(null, "incident", "list", "--data", data);
        Assert.Equal((1, true), (exitCode, output.Contains("shorter path", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Garbage_on_the_socket_hurts_nobody()
    {
        await using var node = await folder.StartWithoutGoAsync();
        foreach (var request in new[] { "\0\u0001garbage\r\n\r\n", "POST /v1/verb HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{]", "POST /v1/verb HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nnull", "GET / HTTP/1.1\r\nHost: x\r\n\r\n" })
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket));
            await socket.SendAsync(System.Text.Encoding.Latin1.GetBytes(request));
            Assert.NotEqual(0, await socket.ReceiveAsync(new byte[1024]));
        }

        Assert.Equal((0, "There are no incidents.\n"), await folder.RunAsync(null, "incident", "list"));
        Assert.DoesNotContain("fault of this node", node.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evidence_is_verified_without_a_node()
    {
        var file = folder.Scratch("evidence.txt");
        var evidence = cases.All["records in trees"];
        await File.WriteAllBytesAsync(file, evidence);
        var (exitCode, output) = await NodeProcess.RunAsync(null, "evidence", "verify", file);
        Assert.Equal(0, exitCode);
        Assert.StartsWith("proven: The logs a/11111111 and b/22222222 recorded different hashes of example.com/m1@v1.0.0: h1:", output, StringComparison.Ordinal);
        Assert.Contains(cases.A.Verifier.ToString(), output, StringComparison.Ordinal);

        evidence[^20] ^= 1;
        await File.WriteAllBytesAsync(file, evidence);
        (exitCode, output) = await NodeProcess.RunAsync(null, "evidence", "verify", file);
        Assert.Equal((3, true), (exitCode, output.Contains("proves nothing", StringComparison.Ordinal)));
        await File.WriteAllTextAsync(file, "a letter\n");
        Assert.Equal(2, (await NodeProcess.RunAsync(null, "evidence", "verify", file)).ExitCode);
        Assert.Equal(2, (await NodeProcess.RunAsync(null, "evidence", "verify", file + ".none")).ExitCode);
    }

    /// <summary>As a node before this one found it.</summary>
    private async Task<string> LeaveIncidentAsync(byte[] evidence)
    {
        Directory.CreateDirectory(folder.Data);
        await using var store = IncidentStore.Open(new StoreLayout(folder.Data));
        await using var book = await IncidentBook.OpenAsync(store, new Trusting(), new EvidenceFolder(folder.Data), TimeProvider.System, NullLogger.Instance);
        return (await book.ReportAsync(evidence, default))!;
    }

    private sealed class Trusting : ILogTrust
    {
        public bool IsTrusted(NoteVerifier logKey) => true;
    }
}
