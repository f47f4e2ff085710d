using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Upstream;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Upstream;

public sealed class TimeoutTests
{
    [Fact]
    public async Task A_timeout_kills_the_child_and_all_that_it_started()
    {
        using LyingGo go = LyingGo.Hangs();
        using UpstreamRoom room = new(new UpstreamOptions { Go = go.Path, Timeout = TimeSpan.FromSeconds(3) });
        (_, Outcome<FetchedModule> outcome) = await room.FetchAsync("example.org/m", "v1.0.0");
        Assert.Equal(OutcomeKind.Unavailable, outcome.Kind);
        Assert.Contains("was stopped", outcome.Reason, StringComparison.Ordinal);
        await AllGoneAsync(go);
        Assert.Equal(0, room.ScratchFolders);
    }

    [Fact]
    public async Task A_caller_that_cancels_kills_them_too()
    {
        using LyingGo go = LyingGo.Hangs();
        using UpstreamRoom room = new(new UpstreamOptions { Go = go.Path });
        using CancellationTokenSource cancel = new();
        Task<(StagedFiles, Outcome<FetchedModule>)> fetch = room.FetchAsync("example.org/m", "v1.0.0", cancel.Token);
        await PollAsync(() => File.Exists(Path.Combine(go.Folder, "pids")));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetch);
        await AllGoneAsync(go);
        Assert.Equal(0, room.ScratchFolders);
    }

    [Fact]
    public async Task A_real_git_that_hangs_in_ssh_is_killed_with_its_ssh()
    {
        using LyingGo ssh = LyingGo.Hangs();
        using UpstreamRoom room = new(new UpstreamOptions
        {
            GoProxy = "direct",
            SumDb = "off",
            Timeout = TimeSpan.FromSeconds(5),
            Env = new Dictionary<string, string>
            {
                ["GIT_SSH_COMMAND"] = ssh.Path,
                ["GIT_CONFIG_COUNT"] = "1",
                ["GIT_CONFIG_KEY_0"] = "url.ssh://git@example.org/.insteadOf",
                ["GIT_CONFIG_VALUE_0"] = "https://github.com/",
            },
        });
        Outcome<VersionList> outcome = await room.Source.VersionsAsync("github.com/a/b", CancellationToken.None);
        Assert.Equal(OutcomeKind.Unavailable, outcome.Kind);
        await AllGoneAsync(ssh);
    }

    [Fact]
    public async Task A_grandchild_that_keeps_the_pipes_open_does_not_hold_the_answer()
    {
        using LyingGo go = new("""sleep 3600 & echo $! > "$folder/pids"; echo 'go: example.org/m@v1.0.0: unknown revision v1.0.0' >&2; exit 1""");
        using UpstreamRoom room = new(new UpstreamOptions { Go = go.Path });
        long started = TimeProvider.System.GetTimestamp();
        (_, Outcome<FetchedModule> outcome) = await room.FetchAsync("example.org/m", "v1.0.0");
        Assert.Equal(OutcomeKind.Absent, outcome.Kind);
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60));
        await AllGoneAsync(go);
    }

    [Fact]
    public async Task A_flood_of_output_is_stopped()
    {
        using LyingGo go = LyingGo.Flood();
        using UpstreamRoom room = new(new UpstreamOptions { Go = go.Path });
        Outcome<VersionList> outcome = await room.Source.VersionsAsync("example.org/m", CancellationToken.None);
        Assert.Equal(OutcomeKind.Faulty, outcome.Kind);
        Assert.Contains("MiB", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flood_of_errors_does_not_block_the_child()
    {
        using LyingGo go = new("echo 'go: unknown revision x' >&2; head -c 3000000 /dev/zero | tr '\\0' 'e' >&2; exit 1");
        using UpstreamRoom room = new(new UpstreamOptions { Go = go.Path });
        Outcome<VersionList> outcome = await room.Source.VersionsAsync("example.org/m", CancellationToken.None);
        Assert.Equal(OutcomeKind.Absent, outcome.Kind);
        Assert.True(outcome.Reason.Length <= GoWords.MaxBytes);
    }

    /// <summary>A killed process leaves the process table only when init has reaped it: there is no signal for that to await.</summary>
    private static async Task AllGoneAsync(LyingGo go)
    {
        int[] pids = [.. (await File.ReadAllLinesAsync(Path.Combine(go.Folder, "pids"))).Select(int.Parse)];
        Assert.NotEmpty(pids);
        await PollAsync(() => pids.All(pid => !Runs(pid)));
    }

    private static bool Runs(int pid)
    {
        string stat = $"/proc/{pid}/stat";
        try
        {
            string text = File.ReadAllText(stat);
            return text[(text.LastIndexOf(')') + 2)..][0] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task PollAsync(Func<bool> condition)
    {
        for (int attempt = 0; attempt < 600; attempt++)
        {
            if (condition())
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        Assert.Fail("it did not come to pass within 30 s");
    }
}
