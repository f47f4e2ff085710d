using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Athens.Federation.Tests.Integration;
using Athens.Federation.Tests.Support;
using Xunit.Abstractions;

namespace Athens.Federation.Tests.OnLan;

/// <summary>From a hint to a peer: two nodes that nobody told of each other.</summary>
public sealed partial class TrustOnLanTests(ITestOutputHelper output)
{
    [FactInOffice]
    public async Task Two_nodes_say_the_one_command_that_makes_them_peers_and_stay_peers_wherever_they_are()
    {
        using Office office = new();
        await using var a = await OfficeNode.StartAsync(office.AddDesk());
        await using var b = await OfficeNode.StartAsync(office.AddDesk());
        var (ofA, ofB) = (await CommandAsync(a.Process), await CommandAsync(b.Process));
        Assert.Empty((await PeersAsync(a))["peers"]!.AsArray());
        Assert.Equal(b.Instance, (await PeersAsync(a))["seen"]!.AsArray().Single()!["name"]!.GetValue<string>());
        Assert.Contains(b.Instance, (await a.AskAsync("peers")).Output, StringComparison.Ordinal);

        await TypeAsync(ofA);
        await TypeAsync(ofB);
        await a.Process.WaitForLineAsync($"Peer {b.Instance} connected at");
        await b.Process.WaitForLineAsync($"Peer {a.Instance} connected at");
        var peer = (await PeersAsync(a))["peers"]!.AsArray().Single()!;
        Assert.Equal((b.Instance, "pinned", "observe", true), (peer["name"]!.GetValue<string>(), peer["from"]!.GetValue<string>(), peer["trust"]!.GetValue<string>(), peer["connected"]!.GetValue<bool>()));
        Assert.Empty((await PeersAsync(a))["seen"]!.AsArray());
        Assert.Contains("connected", (await a.AskAsync("peers")).Output, StringComparison.Ordinal);

        // It moves, and is the same peer.
        var after = a.Process.Output.Length;
        var since = Stopwatch.GetTimestamp();
        Office.Ip("-n", b.Desk, "addr", "del", Office.Address(b.Desk) + "/24", "dev", "eth0");
        Office.Ip("-n", b.Desk, "-6", "addr", "flush", "dev", "eth0");
        Office.Ip("-n", b.Desk, "addr", "add", "10.77.0.201/24", "dev", "eth0");
        Assert.Contains("10.77.0.201", await a.Process.WaitForLineAsync($"Peer {b.Instance} connected at", after), StringComparison.Ordinal);
        output.WriteLine($"connected at the new address {Stopwatch.GetElapsedTime(since).TotalSeconds:0.0} s after it moved");

        // It survives a restart, and ends when a person says so.
        await a.Process.StopAsync();
        await a.StartAsync();
        await a.Process.WaitForLineAsync($"Peer {b.Instance} connected at");
        var (exitCode, said) = await a.AskAsync("peers", "unpin", b.Instance);
        Assert.True(exitCode == 0, said);
        Assert.Empty((await PeersAsync(a))["peers"]!.AsArray());
        var seen = await ShortPause.UntilAsync(() => PeersAsync(a), peers => peers["seen"]!.AsArray().Count == 1);
        Assert.Single(seen["seen"]!.AsArray());
    }

    [FactInOffice]
    public async Task What_cannot_be_pinned_is_told_in_a_sentence()
    {
        using Office office = new();
        await using var node = await OfficeNode.StartAsync(office.AddDesk());
        await using var other = await OfficeNode.StartAsync(office.AddDesk());
        await CommandAsync(node.Process);
        var own = Key().Match((await NodeProcess.RunAsync(null, "key", "show", "--data", node.Data)).Output).Value;
        foreach (var (verb, exitCode, words) in new (string[], int, string)[]
        {
            (["peers", "pin", "athens-nobody"], 1, "has proven its key"),
            (["peers", "pin", "ed25519:AAAA"], 1, "44 characters"),
            (["peers", "pin", own], 2, "own key"),
            (["peers", "pin", other.Instance, "--trust", "much"], 2, "observe or none"),
            (["peers", "pin", other.Instance, "--name", "two words"], 2, "--name"),
            (["peers", "pin", other.Instance, "--endpoint", "nowhere/at/all"], 2, "HOST:PORT"),
            (["peers", "unpin", "nobody"], 1, "nothing is pinned"),
            (["peers", "pin", other.Instance, "--name", "cafe", "--trust", "none"], 0, "cafe"),
            (["peers", "unpin", "cafe"], 0, "not pinned any more"),
        })
        {
            var (code, text) = await node.AskAsync(verb);
            Assert.True(code == exitCode && text.Contains(words, StringComparison.Ordinal), $"{string.Join(' ', verb)}: {code} {text}");
        }
    }

    /// <summary>tools/run as it is, but for the building: a program named dotnet stands in for that.</summary>
    [FactInOffice]
    public async Task Two_nodes_that_are_started_with_nothing_but_tools_run_trust_each_other_after_one_command_on_each()
    {
        using Office office = new();
        using TemporaryFolder folder = new("tools-run");
        CopyTools(folder);
        List<string> desks = [office.AddDesk(), office.AddDesk()];
        var since = Stopwatch.GetTimestamp();
        var nodes = await Task.WhenAll(desks.Select(desk => NodeProcess.StartAsync(Run(folder, desk))));
        try
        {
            var commands = await Task.WhenAll(nodes.Select(CommandAsync));
            output.WriteLine($"both had seen the other {Stopwatch.GetElapsedTime(since).TotalSeconds:0.0} s after they were started; one said: {commands[0]}");
            for (var i = 0; i < nodes.Length; i++)
            {
                var (exitCode, said) = await NodeProcess.RunAsync(new Dictionary<string, string> { ["HOME"] = Home(folder, desks[i]), ["XDG_DATA_HOME"] = "" }, commands[i].Split(' ')[1..]);
                Assert.True(exitCode == 0, said);
            }

            foreach (var node in nodes)
            {
                await node.WaitForLineAsync(" connected at ");
            }

            var third = NodeProcess.StartAsync(Run(folder, desks[0], "--listen", "127.0.0.1:0", "--data", folder.File("third")));
            await using var beside = await third;
            Assert.Contains("port 3443 is taken", beside.Output, StringComparison.Ordinal);
        }
        finally
        {
            foreach (var node in nodes)
            {
                await node.DisposeAsync();
            }
        }
    }

    private static string Home(TemporaryFolder folder, string desk) => folder.Folder("home-" + desk);

    private static void CopyTools(TemporaryFolder folder)
    {
        foreach (var tool in new[] { "tools/run", "tools/build", "tools/lib/requirements.sh" })
        {
            File.Copy(Path.Combine(SourceTree.Root, tool), folder.File(tool));
        }

        File.CreateSymbolicLink(folder.File("artifacts/athens/athens"), Path.Combine(AppContext.BaseDirectory, "athens"));
        File.WriteAllText(folder.File("bin/dotnet"), "#!/bin/sh\n[ \"$1\" != --version ] || echo 10.0.100\n");
        File.SetUnixFileMode(folder.File("bin/dotnet"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static ProcessStartInfo Run(TemporaryFolder folder, string desk, params string[] arguments)
    {
        var start = Office.At(desk, [folder.File("tools/run"), .. arguments]);
        start.WorkingDirectory = Home(folder, desk);
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("ATHENS_", StringComparison.Ordinal)).Append("XDG_DATA_HOME").ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["HOME"] = Home(folder, desk);
        start.Environment["PATH"] = $"{folder.Folder("bin")}:{Environment.GetEnvironmentVariable("PATH")}";
        return start;
    }

    /// <summary>What a node's log tells a person to type.</summary>
    private static async Task<string> CommandAsync(NodeProcess node)
    {
        var line = await node.WaitForLineAsync("Seen on the LAN");
        return Command().Match(line) is { Success: true } command ? command.Groups["command"].Value : throw new InvalidOperationException(line);
    }

    private static async Task TypeAsync(string command)
    {
        var (exitCode, said) = await NodeProcess.RunAsync(null, command.Split(' ')[1..]);
        Assert.True(exitCode == 0, said);
    }

    private static async Task<JsonNode> PeersAsync(OfficeNode node)
    {
        var (exitCode, text) = await node.AskAsync("peers", "--json");
        Assert.True(exitCode == 0, text);
        return JsonNode.Parse(text)!;
    }

    [GeneratedRegex(@"To trust it: (?<command>.+) \(and there")]
    private static partial Regex Command();

    [GeneratedRegex(@"ed25519:\S+")]
    private static partial Regex Key();
}
