using System.Text;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Integration;

/// <summary>A node's log gets another key: what developers with either line, peers and operators see of it. And what a thief of the first key can do.</summary>
public sealed class KeyRotationTests
{
    private const string Errors = "github.com/pkg/errors@v0.9.1";
    private const string Cobra = "github.com/spf13/cobra@v1.6.1";
    private const string Uuid = "github.com/google/uuid@v1.3.0";

    [Fact]
    public async Task For_a_while_both_lines_verify_at_the_node_and_at_its_peers_and_it_is_one_log()
    {
        var repositories = await GoRepositories.SharedAsync();
        await using var a = await PeerNode.CreateAsync("a", repositories);
        await using var b = await PeerNode.CreateAsync("b", repositories);
        await a.Knows(b).StartAsync();
        await b.Knows(a, "observe").StartAsync();
        await a.ReloadAsync();
        var former = await LineAsync(a);
        var developers = GoVersions.All.Where(version => GoVersions.Missing(version) is null).ToDictionary(version => version, version => Developer(former, version));
        try
        {
            await SizeAsync(b, former, 0);
            foreach (var developer in developers.Values)
            {
                await DownloadAsync(developer, a, Errors);
            }

            Assert.Equal(0, await a.Process.StopAsync());
            var (exitCode, output) = await a.Folder.RunAsync(null, "key", "rotate");
            Assert.True(exitCode == 0, output);
            var line = await LineAsync(a);
            Assert.NotEqual(former.Split('+')[0], line.Split('+')[0]);
            Assert.Contains($"export GOSUMDB={line}", output, StringComparison.Ordinal);
            await a.StartAsync();
            await b.ReloadAsync();
            await b.Process.WaitForLineAsync("The log of peer a has another key");

            // Who has the former line and a history of it; the same machine with the line of now; and nobody had cobra before.
            foreach (var (version, developer) in developers)
            {
                await DownloadAsync(developer, a, Cobra);
                await DownloadAsync(developer, b, Errors, Cobra);
                developer.Environment["GOSUMDB"] = line;
                await DownloadAsync(developer, a, Errors, Cobra);
                using var fresh = Developer(former, version);
                await DownloadAsync(fresh, b, Errors, Cobra);
            }

            // One tree: the records of before stand where they stood.
            foreach (var name in new[] { former, line }.Select(of => of.Split('+')[0]))
            {
                var tile = await a.GetAsync($"/sumdb/{name}/tile/8/0/000.p/2");
                Assert.Equal(200, tile.Status);
                Assert.Equal(tile.Body, (await b.GetAsync($"/sumdb/{name}/tile/8/0/000.p/2")).Body);
            }

            Assert.DoesNotContain("SECURITY", a.Process.Output + b.Process.Output, StringComparison.Ordinal);
        }
        finally
        {
            developers.Values.ToList().ForEach(developer => developer.Dispose());
        }
    }

    [Fact]
    public async Task After_the_time_of_both_keys_the_former_line_says_what_to_do_and_never_404()
    {
        var repositories = await GoRepositories.SharedAsync();
        await using var a = await PeerNode.CreateAsync("a", repositories);
        await using var b = await PeerNode.CreateAsync("b", repositories);
        await a.Knows(b).StartAsync();
        await b.Knows(a, "observe").StartAsync();
        await a.ReloadAsync();
        var former = await LineAsync(a);
        await SizeAsync(b, former, 0);
        using var developer = Developer(former);
        await DownloadAsync(developer, a, Errors);
        await SizeAsync(b, former, 1);
        Assert.Equal((1, "athens: "), await FailedAsync(a, "key", "rotate"));
        await a.Process.StopAsync();
        Assert.Equal((2, "athens: --days is from 0 to 365"), await FailedAsync(a, "key", "rotate", "--days", "366"));
        var (exitCode, output) = await a.Folder.RunAsync(null, "key", "rotate", "--days", "0");
        Assert.True(exitCode == 0, output);
        var line = await LineAsync(a);
        await a.StartAsync();
        await b.ReloadAsync();
        await b.Process.WaitForLineAsync("The log of peer a has another key");
        foreach (var node in new[] { a, b })
        {
            var refused = await FetchAsync(developer, node, Cobra);
            Assert.NotEqual(0, refused.ExitCode);
            Assert.Contains("403 Forbidden", refused.Terminal, StringComparison.Ordinal);
            Assert.Contains($"goes on under another key; set GOSUMDB={line}", refused.Terminal, StringComparison.Ordinal);
        }

        using var fresh = Developer(line);
        await DownloadAsync(fresh, a, Errors, Cobra);
        await DownloadAsync(fresh, b, Errors, Cobra);
        await a.Process.KillAsync();
        await a.StartAsync();
        await DownloadAsync(fresh, a, Uuid);

        // And another one, on top.
        await a.Process.StopAsync();
        (exitCode, output) = await a.Folder.RunAsync(null, "key", "rotate", "--days", "1");
        Assert.True(exitCode == 0, output);
        await a.StartAsync();
        await DownloadAsync(fresh, a, Errors, Cobra, Uuid);
    }

    [Fact]
    public async Task A_stolen_key_is_replaced_and_revoked_and_what_it_signed_from_then_on_counts_nowhere()
    {
        await using var a = await PeerNode.CreateAsync("a");
        await using var b = await PeerNode.CreateAsync("b");
        await using var c = await PeerNode.CreateAsync("c");
        await using var thief = await PeerNode.CreateAsync("thief");
        var modules = await ObserveAsync(a, 2, "example.org/x");
        await ObserveAsync(thief, 2, "example.org/x", "example.org/evil");
        await a.Knows(b).StartAsync();
        await b.Knows(a, "observe").StartAsync();
        await a.ReloadAsync();
        var former = await LineAsync(a);
        await SizeAsync(b, former, 3);
        await a.Process.WaitForLineAsync("3 records were cosigned");

        // The log key is stolen: on a node of the thief's it signs another history, and nothing that a developer without a history has tells the two apart.
        File.Copy(Path.Combine(a.Folder.Data, "keys", "log"), Path.Combine(thief.Folder.Data, "keys", "log"), overwrite: true);
        await thief.Knows(b).StartAsync();
        using var victim = Developer(former);
        await DownloadAsync(victim, thief, "example.org/evil@v1.0.0");

        // Peers take nothing of it: they know a by its identity key, not by its log's. The first of them that is asked to witness it can prove that there are two.
        b.Knows(thief, "observe");
        await b.ReloadAsync();
        await b.Process.WaitForLineAsync("its log's key is another peer's");
        Assert.Contains("signed two histories", await b.Process.WaitForLineAsync("SECURITY: incident"), StringComparison.Ordinal);
        Assert.Contains("signed two histories", await a.Process.WaitForLineAsync("SECURITY: incident"), StringComparison.Ordinal);
        Assert.Equal(403, (await b.GetAsync($"/sumdb/{former.Split('+')[0]}/lookup/example.org/evil@v1.0.0")).Status);

        // The operator finds out.
        Assert.Equal((1, "athens: the present log key is the first one"), await FailedAsync(a, "key", "revoke", "--from", "1"));
        await a.Process.StopAsync();
        var (exitCode, output) = await a.Folder.RunAsync(null, "key", "rotate", "--days", "0");
        Assert.True(exitCode == 0, output);
        await a.StartAsync();
        await b.ReloadAsync();
        await b.Process.WaitForLineAsync("The log of peer a has another key");
        Assert.Equal((2, "athens: say from which record on"), await FailedAsync(a, "key", "revoke", "--from", "x"));
        (exitCode, output) = await a.Folder.RunAsync(null, "key", "revoke", "--from", "1");
        Assert.True(exitCode == 0, output);
        var line = await LineAsync(a);
        Assert.Contains($"export GOSUMDB={line}", output, StringComparison.Ordinal);

        // What operators see: on its own node, on a peer, and on a node that hears of it from that one.
        await c.Knows(b).StartAsync();
        b.Knows(c);
        await b.ReloadAsync();
        var name = former.Split('+')[0];
        foreach (var (node, state) in new[] { (a, "open"), (b, "open"), (c, "no effect") })
        {
            var (_, list) = await ShortPause.UntilAsync(() => node.Folder.RunAsync(null, "incident", "list"), said => said.Output.Contains("revoked-log", StringComparison.Ordinal));
            Assert.Matches($"{state} +revoked-log +log {name} from record 1 on", list);
        }

        await b.Process.WaitForLineAsync("what stands before stays");
        foreach (var file in Directory.GetFiles(Path.Combine(b.Folder.Data, "evidence", "incidents")))
        {
            (exitCode, output) = await NodeProcess.RunAsync(null, "evidence", "verify", file);
            Assert.True(exitCode == 0, output);
        }

        // The two histories are settled for who believes the revocation: a person says so.
        (_, output) = await b.Folder.RunAsync(null, "incident", "list");
        var fork = output.Split('\n').Single(one => one.Contains("forked-log", StringComparison.Ordinal)).Split(' ')[0];
        Assert.Equal(0, (await b.Folder.RunAsync(null, "incident", "clear", fork, "--because", "a's key was stolen, and is revoked")).ExitCode);

        // Of the former log the first record counts and the second does not; the log of now has both.
        (exitCode, output) = await ShortPause.UntilAsync(() => b.Folder.RunAsync(null, "provenance", modules[1]), said => said.Output.Contains(line.Split('+')[0], StringComparison.Ordinal));
        Assert.DoesNotContain(name + "#", output, StringComparison.Ordinal);
        Assert.Contains($"{line.Split('+')[0]}#1", output, StringComparison.Ordinal);
        (exitCode, output) = await b.Folder.RunAsync(null, "provenance", modules[0]);
        Assert.Contains($"{name}#0", output, StringComparison.Ordinal);

        // What developers see: with the former line why it is refused and the one of now, which the thief cannot serve.
        using var developer = Developer(former);
        foreach (var node in new[] { a, b })
        {
            var refused = await FetchAsync(developer, node, modules[0]);
            Assert.Contains("is in other hands", refused.Terminal, StringComparison.Ordinal);
            Assert.Contains($"set GOSUMDB={line}", refused.Terminal, StringComparison.Ordinal);
        }

        using var safe = Developer(line);
        await DownloadAsync(safe, a, modules);
        Assert.NotEqual(0, (await FetchAsync(safe, thief, "example.org/evil@v1.0.0")).ExitCode);

        // It stays so.
        await b.Process.KillAsync();
        await a.Process.KillAsync();
        await b.StartAsync();
        Assert.Equal(403, (await b.GetAsync($"/sumdb/{name}/latest")).Status);
        using var keys = NodeKeys.Open(a.Folder.Data, a.Name);
        Assert.Null(keys.Former);
    }

    /// <summary>Holds modules as if it had fetched them itself; their versions in the order of the log.</summary>
    private static async Task<string[]> ObserveAsync(PeerNode node, int size, params string[] paths)
    {
        var modules = new List<string>();
        foreach (var path in paths.SelectMany(path => new[] { path + "/one", path + "/two", path }).Take(size).Append(paths[^1]).Distinct(StringComparer.Ordinal))
        {
            var proxy = node.Folder.Scratch("proxy" + modules.Count);
            var versions = Directory.CreateDirectory(Path.Combine(proxy, path, "@v")).FullName;
            SyntheticProxy.WriteVersion(versions, path, "v1.0.0", Encoding.UTF8.GetBytes(path + node.Name));
            await File.WriteAllTextAsync(Path.Combine(versions, "list"), "v1.0.0\n");
            await node.ObserveAsync(proxy);
            modules.Add(path + "@v1.0.0");
        }

        return [.. modules];
    }

    private static GoClient Developer(string line, string version = GoVersions.Own) =>
        new("off", new Dictionary<string, string>(StringComparer.Ordinal) { ["GOSUMDB"] = line }) { Command = GoVersions.Command(version) };

    private static async Task<string> LineAsync(PeerNode node) => (await node.Folder.RunAsync(null, "key", "gosumdb")).Output.Trim();

    private static async Task DownloadAsync(GoClient client, PeerNode node, params string[] modules) => (await FetchAsync(client, node, modules)).OrFail();

    private static Task<ChildRun> FetchAsync(GoClient client, PeerNode node, params string[] modules)
    {
        client.Environment["GOPROXY"] = node.Process.Url.ToString();
        client.EmptyModuleCache();
        return client.RunAsync(default, ["mod", "download", .. modules]);
    }

    /// <summary>Exit code and the beginning of what is said.</summary>
    private static async Task<(int ExitCode, string Said)> FailedAsync(PeerNode node, params string[] verb)
    {
        var (exitCode, output) = await node.Folder.RunAsync(null, verb);
        return (exitCode, output.Split([':', ',']) is [var first, var second, ..] && !output.Contains("in use", StringComparison.Ordinal) ? $"{first}:{second.Split('\n')[0]}" : "athens: ");
    }

    private static async Task SizeAsync(PeerNode node, string line, long size)
    {
        var name = line.Split('+')[0];
        var answer = await ShortPause.UntilAsync(
            () => node.GetAsync($"/sumdb/{name}/latest"),
            answer => answer.Status == 200 && long.Parse(Encoding.UTF8.GetString(answer.Body).Split('\n')[1], System.Globalization.CultureInfo.InvariantCulture) >= size);
        Assert.Equal(200, answer.Status);
    }
}
