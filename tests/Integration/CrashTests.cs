using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using Athens.Federation.Tests.Support;
using Xunit.Abstractions;

namespace Athens.Federation.Tests.Integration;

/// <summary>kill -9 at random instants during a storm of fetches; the kernel keeps what was written, as after a crash of the process.</summary>
public sealed class CrashTests(ITestOutputHelper output) : IDisposable
{
    private const int Rounds = 50;
    private const int Clients = 12;
    private const int Seed = 20261120;

    /// <summary>A round's storm has brought so many new files, drawn anew each time, and then goes on for a random while.</summary>
    private const int MostFilesBeforeKill = 30;
    private const int LongestWhileMilliseconds = 40;
    private static readonly TimeSpan LongestRound = TimeSpan.FromSeconds(30);
    private const int Modules = 12;
    private const int VersionsOfEach = 90;

    private readonly NodeFolder folder = new();
    private readonly TemporaryFolder upstream = new("upstream");
    private readonly Random random = new(Seed);
    private readonly ConcurrentDictionary<string, string> acknowledged = new(StringComparer.Ordinal);

    public void Dispose()
    {
        folder.Dispose();
        upstream.Dispose();
    }

    [Fact]
    public async Task Everything_acknowledged_survives_fifty_kills_and_nothing_half_written_is_seen()
    {
        var versions = SyntheticProxy.Write(upstream.Path, Modules, VersionsOfEach);
        folder.Upstream["goproxy"] = $"\"file://{upstream.Path}\"";
        folder.Upstream["workers"] = "4";
        var fetchingRounds = 0;
        for (var round = 0; round < Rounds; round++)
        {
            await using var node = await folder.StartAsync();
            AssertNoLitter(await CatalogAsync(node));
            await AssertAcknowledgedAsync(node);
            var before = acknowledged.Count;
            await StormAsync(node, versions);
            fetchingRounds += acknowledged.Count > before ? 1 : 0;
        }

        await using (var node = await folder.StartAsync())
        {
            AssertNoLitter(await CatalogAsync(node));
            await AssertAcknowledgedAsync(node);
            Assert.Equal(0, await node.StopAsync());
        }

        output.WriteLine($"{acknowledged.Count} files acknowledged in {Rounds} rounds, {fetchingRounds} of them with new ones; seed {Seed}");
        Assert.True(fetchingRounds > Rounds / 2, $"only {fetchingRounds} of {Rounds} rounds fetched anything: the storm was no storm");
        var verify = await folder.RunAsync(null, "store", "verify");
        Assert.True(verify.ExitCode == 0, verify.Output);
    }

    private async Task StormAsync(NodeProcess node, string[] paths)
    {
        var order = paths.OrderBy(_ => random.Next()).ToArray();
        using var killed = new CancellationTokenSource();
        var next = -1;
        var left = random.Next(MostFilesBeforeKill);
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (left == 0)
        {
            enough.SetResult();
        }

        var clients = Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
        {
            while (!killed.IsCancellationRequested && Interlocked.Increment(ref next) is var i && i < order.Length)
            {
                await FetchAsync(node, order[i], () =>
                {
                    if (Interlocked.Decrement(ref left) == 0)
                    {
                        enough.TrySetResult();
                    }
                });
            }
        })).ToArray();

        await Task.WhenAny(enough.Task, Task.WhenAll(clients)).WaitAsync(LongestRound);
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(LongestWhileMilliseconds)), TimeProvider.System);
        await node.KillAsync();
        await killed.CancelAsync();
        await Task.WhenAll(clients);
    }

    private async Task FetchAsync(NodeProcess node, string path, Action acknowledgedNew)
    {
        foreach (var kind in new[] { "info", "mod", "zip" })
        {
            try
            {
                using var answer = await node.Client.GetAsync($"/{path}.{kind}");
                var body = await answer.Content.ReadAsByteArrayAsync();
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                if (acknowledged.TryAdd($"{path}.{kind}", Convert.ToHexString(SHA256.HashData(body))))
                {
                    acknowledgedNew();
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
            {
                return;
            }
        }
    }

    private async Task AssertAcknowledgedAsync(NodeProcess node)
    {
        foreach (var (path, hash) in acknowledged)
        {
            using var answer = await node.Client.GetAsync("/" + path);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal("store", answer.Headers.GetValues("X-Athens-Source").Single());
            Assert.Equal(hash, Convert.ToHexString(SHA256.HashData(await answer.Content.ReadAsByteArrayAsync())));
        }
    }

    private static async Task<HashSet<string>> CatalogAsync(NodeProcess node)
    {
        var held = new HashSet<string>(StringComparer.Ordinal);
        var token = "";
        do
        {
            using var page = JsonDocument.Parse(await node.Client.GetStringAsync($"/catalog?pagesize=500&token={Uri.EscapeDataString(token)}"));
            foreach (var entry in page.RootElement.GetProperty("modules").EnumerateArray())
            {
                held.Add($"{entry.GetProperty("module").GetString()}/@v/{entry.GetProperty("version").GetString()}");
            }

            token = page.RootElement.TryGetProperty("next", out var next) ? next.GetString()! : "";
        }
        while (token.Length > 0);
        return held;
    }

    /// <summary>The folder, which is a GOPROXY as it lies there, shows exactly what the database holds, and nothing waits in tmp.</summary>
    private void AssertNoLitter(HashSet<string> held)
    {
        var files = Directory.Exists(folder.Download)
            ? Directory.EnumerateFiles(folder.Download, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder.Download, file)).ToList()
            : [];
        var versions = files.Where(file => !file.EndsWith("/list", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
        var expected = held.SelectMany(module => new[] { ".info", ".mod", ".zip", ".ziphash" }.Select(kind => module + kind)).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(expected.Order(StringComparer.Ordinal), versions.Order(StringComparer.Ordinal));
        foreach (var list in held.GroupBy(module => module[..module.IndexOf("/@v/", StringComparison.Ordinal)], StringComparer.Ordinal))
        {
            var lines = File.ReadAllLines(Path.Combine(folder.Download, list.Key, "@v", "list"));
            Assert.Equal(list.Select(module => module[(module.LastIndexOf('/') + 1)..]).Order(StringComparer.Ordinal), lines.Order(StringComparer.Ordinal));
        }

        var tmp = Path.Combine(folder.Data, "tmp");
        Assert.Empty(Directory.Exists(tmp) ? Directory.EnumerateFiles(tmp, "*.zip", SearchOption.AllDirectories) : []);
    }
}
