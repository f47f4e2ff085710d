using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Athens.Federation.Tests.Integration;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.OnLan;

/// <summary>A real node at a desk, which looks for others and can be found.</summary>
internal sealed partial class OfficeNode : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new("office-node");

    private OfficeNode(string desk) => Desk = desk;

    public string Desk { get; }

    public string Data => folder.File("data");

    public NodeProcess Process { get; private set; } = null!;

    /// <summary>The name under which it made itself known.</summary>
    public string Instance => Told().Match(Process.Output) is { Success: true } told ? told.Groups["instance"].Value : throw new InvalidOperationException(Process.Output);

    /// <summary>Whom it sees now, with their addresses.</summary>
    public Dictionary<string, string> Neighbours
    {
        get
        {
            Dictionary<string, string> seen = new(StringComparer.Ordinal);
            foreach (Match line in Seen().Matches(Process.Output))
            {
                seen[line.Groups["instance"].Value] = line.Groups["endpoints"].Value;
                if (line.Groups["gone"].Success)
                {
                    seen.Remove(line.Groups["gone"].Value);
                }
            }

            seen.Remove("");
            return seen;
        }
    }

    /// <summary>A node with keys, not started.</summary>
    public static async Task<OfficeNode> CreateAsync(string desk)
    {
        OfficeNode node = new(desk);
        var (exitCode, output) = await NodeProcess.RunAsync(null, "key", "show", "--data", node.Data);
        Assert.True(exitCode == 0, output);
        return node;
    }

    public static async Task<OfficeNode> StartAsync(string desk, params string[] flags)
    {
        OfficeNode node = new(desk);
        await node.StartAsync(flags);
        return node;
    }

    public async Task StartAsync(params string[] flags)
    {
        Dictionary<string, string> environment = new(StringComparer.Ordinal)
        {
            ["ATHENS_DISCOVERY_MDNS"] = "true",
            ["ATHENS_TELEMETRY_LOG_LEVEL"] = "debug",
            ["ATHENS_UPSTREAM_GOPROXY"] = "off",
            ["ATHENS_UPSTREAM_SUMDB"] = "off",
        };
        Process = await NodeProcess.StartInAsync(Desk, Data, environment, [.. flags.Length > 0 ? flags : ["--peer-listen", ":3443"]]);
    }

    /// <summary>Before its start: it holds what a folder has, as if it had fetched it (see <see cref="PeerNode.ObserveAsync"/>).</summary>
    public async Task ObserveAsync(string proxy)
    {
        var (exitCode, output) = await AskAsync("store", "import", proxy);
        Assert.True(exitCode == 0, output);
        PeerNode.CountAsObserved(Data);
    }

    /// <summary>The same keys as another node has, as on a machine that was copied.</summary>
    public void TakeKeysOf(OfficeNode other)
    {
        Directory.CreateDirectory(Path.Combine(Data, "keys"));
        foreach (var key in Directory.EnumerateFiles(Path.Combine(other.Data, "keys")))
        {
            File.Copy(key, Path.Combine(Data, "keys", Path.GetFileName(key)), overwrite: true);
        }
    }

    /// <summary>Waits until whom it sees is as wanted; how long that took from now on.</summary>
    public async Task<TimeSpan> UntilAsync(Func<Dictionary<string, string>, bool> isSo, int minutes = 1)
    {
        var since = Stopwatch.GetTimestamp();
        var seen = await ShortPause.UntilAsync(() => Task.FromResult(Neighbours), isSo, minutes);
        Assert.True(isSo(seen), $"{Desk} sees {string.Join(", ", seen)}:\n{Process.Output}");
        return Stopwatch.GetElapsedTime(since);
    }

    public Task<TimeSpan> UntilSeesAsync(params OfficeNode[] others) => UntilAsync(seen => Array.TrueForAll(others, other => seen.ContainsKey(other.Instance)));

    /// <summary>By its own log: from when it began to look until it saw so many.</summary>
    public TimeSpan SawAfter(int others)
    {
        var lines = Process.Output.Split('\n');
        var began = Array.Find(lines, line => line.Contains("The LAN is told", StringComparison.Ordinal))!;
        HashSet<string> seen = new(StringComparer.Ordinal);
        var saw = Array.Find(lines, line => Seen().Match(line) is { Success: true } one && seen.Add(one.Groups["instance"].Value) && seen.Count == others)!;
        return Time(saw) - Time(began);
    }

    /// <summary>A verb of <c>athens</c> that this running node carries out.</summary>
    public async Task<(int ExitCode, string Output)> AskAsync(params string[] verb) => await NodeProcess.RunAsync(null, [.. verb, "--data", Data]);

    public async ValueTask DisposeAsync()
    {
        if (Process is not null)
        {
            await Process.DisposeAsync();
        }

        folder.Dispose();
    }

    private static DateTimeOffset Time(string line) => DateTimeOffset.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture);

    [GeneratedRegex(@"is there, as (?<instance>\S+) on port")]
    private static partial Regex Told();

    [GeneratedRegex(@"On the LAN: (?<instance>\S+) at (?<endpoints>[^\r\n]+)|On the LAN no more: (?<gone>\S+)")]
    private static partial Regex Seen();
}
