using Athens.Federation.Node.Provenance;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Integration;

/// <summary>Disagreements that nobody's download met: found by a person's question, or by a witness. They become incidents with evidence, and travel.</summary>
public sealed class FoundDisagreementTests
{
    private const string Module = "example.org/storm/m0@v1.0.0";

    [Theory]
    [InlineData("provenance")]
    [InlineData("verify")]
    public async Task What_a_persons_question_finds_is_kept_as_evidence_on_both_sides(string verb)
    {
        await using var a = await PeerNode.CreateAsync("a");
        await using var b = await PeerNode.CreateAsync("b");
        await a.ObserveAsync(Proxy(a, 2000));
        await b.ObserveAsync(Proxy(b, 1000));
        await a.Knows(b, "observe").StartAsync();
        await b.Knows(a, "observe").StartAsync();
        await a.ReloadAsync();
        var sum = b.Folder.Scratch("go.sum");
        await File.WriteAllTextAsync(sum, $"{Module.Replace('@', ' ')} h1:{Convert.ToBase64String(new byte[32])}\n");
        string[] question = verb == "verify" ? ["verify", sum] : ["provenance", Module];
        var (exitCode, output) = await ShortPause.UntilAsync(
            () => b.Folder.RunAsync(null, question), answer => answer.Output.Contains("peer a", StringComparison.Ordinal) || b.Process.Output.Contains("SECURITY: incident", StringComparison.Ordinal));
        Assert.True(exitCode is 0 or 3, output);
        foreach (var node in new[] { a, b })
        {
            await node.Process.WaitForLineAsync("SECURITY: incident");
            (exitCode, output) = await node.Folder.RunAsync(null, "incident", "list");
            Assert.Matches($"open +conflicting-records +module {Module}", output);
        }

        var file = Assert.Single(Directory.GetFiles(Path.Combine(b.Folder.Data, "evidence", "incidents")));
        (exitCode, output) = await NodeProcess.RunAsync(null, "evidence", "verify", file);
        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public async Task A_witness_that_meets_a_second_history_of_another_size_keeps_the_proof_of_it()
    {
        await using var a = await PeerNode.CreateAsync("a");
        await using var copy = await PeerNode.CreateAsync("copy");
        await using var b = await PeerNode.CreateAsync("b");
        Directory.Delete(copy.Folder.Data, recursive: true);
        Storage.TemporaryFolder.Copy(a.Folder.Data, copy.Folder.Data);
        File.SetUnixFileMode(Path.Combine(copy.Folder.Data, "keys"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await ImportAsync(a, modules: 2, versions: 1);
        await ImportAsync(copy, modules: 1, versions: 5);

        // b follows no log: what it knows of a's is what it cosigned.
        await a.Knows(b).StartAsync();
        await b.Knows(a).StartAsync();
        await a.ReloadAsync();
        await a.Process.WaitForLineAsync("2 records were cosigned");
        await copy.Knows(b).StartAsync();
        a.Address = copy.Address;
        await a.Process.StopAsync();
        await b.ReloadAsync();
        await b.Process.WaitForLineAsync("has signed two histories: a head of 5 records");
        await b.Process.WaitForLineAsync("SECURITY: incident");
        var (_, output) = await b.Folder.RunAsync(null, "incident", "list");
        using var keys = NodeKeys.Open(a.Folder.Data, a.Name);
        Assert.Matches($"open +forked-log +log {keys.Log.Name}", output);
    }

    private static string Proxy(PeerNode node, int size)
    {
        var proxy = node.Folder.Scratch("proxy");
        var versions = Directory.CreateDirectory(Path.Combine(proxy, "example.org/storm/m0/@v")).FullName;
        SyntheticProxy.WriteVersion(versions, "example.org/storm/m0", "v1.0.0", new byte[size]);
        File.WriteAllText(Path.Combine(versions, "list"), "v1.0.0\n");
        return proxy;
    }

    private static async Task ImportAsync(PeerNode node, int modules, int versions)
    {
        var proxy = node.Folder.Scratch("proxy");
        SyntheticProxy.Write(proxy, modules, versions);
        var (exitCode, output) = await node.Folder.RunAsync(null, "store", "import", proxy);
        Assert.True(exitCode == 0, output);
    }
}
