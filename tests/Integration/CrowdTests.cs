using System.Net;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Integration;

/// <summary>Many clients at once, against a running node and the real <c>go</c>.</summary>
public sealed class CrowdTests : IDisposable
{
    private const int Clients = 200;

    private readonly NodeFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Two_hundred_clients_for_one_absent_module_version_cause_one_download()
    {
        var repositories = await GoRepositories.SharedAsync();
        var (calls, release) = CountingGo(hold: true);
        await using var node = await folder.StartAsync(repositories);

        using var impatient = new CancellationTokenSource();
        var early = node.Client.GetAsync("/github.com/pkg/errors/@v/v0.9.1.zip", impatient.Token);
        await AppearsAsync(calls);
        var answers = Enumerable.Range(0, Clients)
            .Select(i => node.Client.GetAsync($"/github.com/pkg/errors/@v/v0.9.1.{(i % 3) switch { 0 => "info", 1 => "mod", _ => "zip" }}"))
            .ToArray();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => early);
        await File.WriteAllTextAsync(release, "");

        foreach (var answer in await Task.WhenAll(answers))
        {
            using (answer)
            {
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            }
        }

        Assert.Equal(["mod download -json -- github.com/pkg/errors@v0.9.1"], await DownloadsAsync(calls));
    }

    [Fact]
    public async Task A_hit_is_answered_while_every_upstream_worker_hangs()
    {
        var repositories = await GoRepositories.SharedAsync();
        folder.Upstream["workers"] = "2";
        await using (var first = await folder.StartAsync(repositories))
        {
            (await first.Client.GetAsync("/github.com/pkg/errors/@v/v0.9.1.info")).EnsureSuccessStatusCode();
            await first.StopAsync();
        }

        var (calls, release) = CountingGo(hold: true);
        await using var node = await folder.StartAsync(repositories);
        using var leaving = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, 20).Select(i => node.Client.GetAsync($"/github.com/absent/m{i}/@v/v1.0.0.info", leaving.Token)).ToArray();
        await AppearsAsync(calls);
        foreach (var file in new[] { "v0.9.1.info", "v0.9.1.mod", "v0.9.1.zip" })
        {
            using var answer = await node.Client.GetAsync("/github.com/pkg/errors/@v/" + file).WaitAsync(TimeSpan.FromSeconds(60));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal("store", answer.Headers.GetValues("X-Athens-Source").Single());
        }

        Assert.All(waiting, task => Assert.False(task.IsCompleted));
        await leaving.CancelAsync();
        await File.WriteAllTextAsync(release, "");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(waiting));
    }

    [Fact]
    public async Task Readers_that_leave_in_the_middle_do_not_spoil_what_others_read()
    {
        var proxy = Path.GetDirectoryName(folder.Scratch("proxy/x"))!;
        var directory = Directory.CreateDirectory(Path.Combine(proxy, "example.org/large/@v")).FullName;
        SyntheticProxy.WriteVersion(directory, "example.org/large", "v1.0.0", new byte[12_000_000]);
        folder.Upstream["goproxy"] = $"\"file://{proxy}\"";
        await using var node = await folder.StartAsync();
        const string path = "/example.org/large/@v/v1.0.0.zip";
        var whole = await node.Client.GetByteArrayAsync(path);
        Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(directory, "v1.0.0.zip")), whole);

        var readers = Enumerable.Range(0, 60).Select(async i =>
        {
            using var answer = await node.Client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
            await using var body = await answer.Content.ReadAsStreamAsync();
            var read = new byte[i % 2 == 0 ? whole.Length : 100_000 * (i + 1)];
            await body.ReadExactlyAsync(read);
            Assert.True(whole.AsSpan(0, read.Length).SequenceEqual(read), $"reader {i} got other bytes");
        });
        await Task.WhenAll(readers);
    }

    /// <summary>A <c>go</c> that writes down how it was called, and holds downloads until the release file is there.</summary>
    private (string Calls, string Release) CountingGo(bool hold)
    {
        var calls = folder.Scratch("calls");
        var release = folder.Scratch("release");
        var wait = hold ? $"while [ ! -e '{release}' ] && [ -e \"$0\" ]; do sleep 0.05; done" : "";
        folder.WriteGo($"""
            #!/bin/sh
            case "$1" in
            mod) echo "$*" >> '{calls}'; {wait} ;;
            esac
            exec go "$@"
            """);
        return (calls, release);
    }

    private static async Task<string[]> DownloadsAsync(string calls) =>
        [.. (await File.ReadAllLinesAsync(calls)).Where(line => line.StartsWith("mod download", StringComparison.Ordinal))];

    private static async Task AppearsAsync(string file)
    {
        for (var i = 0; !File.Exists(file); i++)
        {
            Assert.True(i < 1000, $"{file} never appeared");
            await ShortPause.TakeAsync();
        }
    }
}
