using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Support;
using Xunit.Abstractions;

namespace Athens.Federation.Tests.Integration;

/// <summary>kill -9 while records are appended: no head that was ever shown lacks its leaves, no history forks, no acknowledged record is lost.</summary>
public sealed class LogCrashTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>How many kills; more of them with CRASH_ROUNDS=100 in the environment.</summary>
    private const int UsualRounds = 10;

    private const int Clients = 12;
    private const int Seed = 20261121;
    private const int MostRecordsBeforeKill = 30;
    private const int LongestWhileMilliseconds = 40;
    private static readonly TimeSpan LongestRound = TimeSpan.FromSeconds(30);

    private readonly NodeFolder folder = new() { Sections = "[node]\nname = \"crashing\"" };
    private readonly TemporaryFolder upstream = new("upstream");
    private readonly Random random = new(Seed);
    private readonly ConcurrentDictionary<string, LogRecord> acknowledged = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<TreeHead, bool> heads = new();

    public void Dispose()
    {
        folder.Dispose();
        upstream.Dispose();
    }

    [Fact]
    public async Task Every_head_ever_shown_stays_true_through_kills_during_appends()
    {
        var rounds = int.TryParse(Environment.GetEnvironmentVariable("CRASH_ROUNDS"), CultureInfo.InvariantCulture, out var asked) ? asked : UsualRounds;
        var versions = SyntheticProxy.Write(upstream.Path, 12, 24 * (1 + (rounds / UsualRounds)));
        folder.Upstream["goproxy"] = $"\"file://{upstream.Path}\"";
        folder.Upstream["workers"] = "4";
        var key = NoteVerifier.Parse((await folder.RunAsync(null, "key", "gosumdb")).Output.Trim(), out _)!;
        for (var round = 0; round < rounds; round++)
        {
            await using var node = await folder.StartAsync();
            await AssertTrueAsync(node, key);
            await StormAsync(node, key, versions);
        }

        await using var last = await folder.StartAsync();
        await AssertTrueAsync(last, key);
        output.WriteLine($"{acknowledged.Count} records acknowledged, {heads.Count} heads seen in {rounds} rounds; seed {Seed}");
        Assert.True(acknowledged.Count > rounds, "the storm was no storm");
    }

    private async Task StormAsync(NodeProcess node, NoteVerifier key, string[] versions)
    {
        var order = versions.Where(version => !acknowledged.ContainsKey(version)).OrderBy(_ => random.Next()).ToArray();
        using var killed = new CancellationTokenSource();
        var next = -1;
        var left = 1 + random.Next(MostRecordsBeforeKill);
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var clients = Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            while (!killed.IsCancellationRequested && Interlocked.Increment(ref next) is var i && i < order.Length)
            {
                // Some only download: their records come by themselves.
                if (client % 4 == 0 ? await DownloadAsync(node, order[i]) : await LookUpAsync(node, key, order[i]) && Interlocked.Decrement(ref left) == 0)
                {
                    enough.TrySetResult();
                }
            }
        })).ToArray();

        await Task.WhenAny(enough.Task, Task.WhenAll(clients)).WaitAsync(LongestRound);
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(LongestWhileMilliseconds)), TimeProvider.System);
        await node.KillAsync();
        await killed.CancelAsync();
        await Task.WhenAll(clients);
    }

    private static async Task<bool> DownloadAsync(NodeProcess node, string version)
    {
        await GetAsync(node, $"/{version}.info");
        return false;
    }

    private async Task<bool> LookUpAsync(NodeProcess node, NoteVerifier key, string version)
    {
        if (await GetAsync(node, $"/sumdb/{key.Name}/lookup/{version.Replace("/@v/", "@", StringComparison.Ordinal)}") is not { } body)
        {
            return false;
        }

        var answer = LookupAnswer.Parse(body, out var reason) ?? throw new InvalidOperationException(reason);
        Assert.True(answer.Head.IsSignedBy(key));
        heads[GoTreeHead.Parse(answer.Head.Text, out _)!.Value] = true;
        acknowledged[version] = answer.Record;
        return true;
    }

    private static async Task<byte[]?> GetAsync(NodeProcess node, string path)
    {
        try
        {
            using var answer = await node.Client.GetAsync(path);
            var body = await answer.Content.ReadAsByteArrayAsync();
            Assert.True(answer.IsSuccessStatusCode, $"{path}: {System.Text.Encoding.UTF8.GetString(body)}");
            return body;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
        {
            return null;
        }
    }

    /// <summary>All records of the log are read, the tree is made from them, and every head that was ever shown must be one of its sizes.</summary>
    private async Task AssertTrueAsync(NodeProcess node, NoteVerifier key)
    {
        var note = SignedNote.Parse((await GetAsync(node, $"/sumdb/{key.Name}/latest"))!, out _)!;
        Assert.True(note.IsSignedBy(key));
        var head = GoTreeHead.Parse(note.Text, out _)!.Value;
        heads[head] = true;
        var edge = new RightEdge();
        var roots = new Dictionary<long, MerkleHash> { [0] = edge.Root };
        var records = new List<LogRecord>();
        for (var index = 0L; Tile.Find(Tile.Records, index, head.Size) is { } tile; index++)
        {
            var data = await GetAsync(node, $"/sumdb/{key.Name}/{TilePath.FormatGo(tile)}");
            foreach (var record in RecordTile.Parse(tile, data!, out _)!)
            {
                edge.Append(record.LeafHash);
                roots[edge.Size] = edge.Root;
                records.Add(record);
            }
        }

        Assert.All(heads.Keys, seen => Assert.Equal(seen.Root, roots[seen.Size]));
        Assert.All(acknowledged.Values, record => Assert.Equal(record.LeafHash, records[(int)record.Index].LeafHash));
        Assert.Equal(records.Count, records.Select(record => System.Text.Encoding.UTF8.GetString(record.Text.Span).Split(" h1:")[0]).Distinct(StringComparer.Ordinal).Count());
    }
}
