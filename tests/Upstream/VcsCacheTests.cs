using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Upstream;
using Athens.Federation.Tests.Support;
using Xunit.Abstractions;

namespace Athens.Federation.Tests.Upstream;

public sealed class VcsCacheTests(ITestOutputHelper output)
{
    private const long Mega = 1 << 20;

    [Fact]
    public async Task The_second_version_of_a_large_repository_is_an_incremental_fetch()
    {
        await using GoRepositories repositories = await GoRepositories.CreateAsync();
        await GrowAsync(repositories, "github.com/pkg/errors", (int)(40 * Mega), "v1.0.0");
        using UpstreamRoom room = new(repositories.Options);
        (long first, TimeSpan firstTook) = await MeasureAsync(room, "v1.0.0");
        await GrowAsync(repositories, "github.com/pkg/errors", 1000, "v1.0.1");
        (long second, TimeSpan secondTook) = await MeasureAsync(room, "v1.0.1");
        output.WriteLine($"first {first} bytes {firstTook.TotalMilliseconds:F0} ms, second {second} bytes {secondTook.TotalMilliseconds:F0} ms");
        Assert.True(first > 30 * Mega, $"{first}");
        Assert.True(second < Mega, $"{second}");
    }

    [Fact]
    public async Task Least_recently_used_clones_go_when_the_bound_is_passed()
    {
        await using GoRepositories repositories = await GoRepositories.CreateAsync();
        string[] paths = ["github.com/pkg/errors", "github.com/google/uuid", "github.com/gorilla/mux"];
        foreach (string path in paths)
        {
            await GrowAsync(repositories, path, (int)(4 * Mega), "v1.99.0");
        }

        using UpstreamRoom room = new(repositories.Options with { CacheSize = 11 * Mega });
        Assert.True((await room.FetchAsync(paths[0], "v1.99.0")).Outcome.IsFound);
        Assert.True((await room.FetchAsync(paths[1], "v1.99.0")).Outcome.IsFound);
        // Asked again: the first is now the more recently used of the two.
        Assert.True((await room.Source.VersionsAsync(paths[0], CancellationToken.None)).IsFound);
        Assert.True(Directory.GetDirectories(room.Clones).Length == 2, $"{room.Cache.Size}");
        Assert.True((await room.FetchAsync(paths[2], "v1.99.0")).Outcome.IsFound);
        string[] kept = [.. Directory.GetFiles(room.Clones, "*.info").Select(File.ReadAllText).Order(StringComparer.Ordinal)];
        Assert.Equal(2, kept.Length);
        Assert.DoesNotContain(kept, info => info.Contains("google/uuid", StringComparison.Ordinal));
        Assert.InRange(room.Cache.Size, 1, 11 * Mega);
        Assert.True((await room.FetchAsync(paths[1], "v1.99.0")).Outcome.IsFound);
    }

    [Fact]
    public async Task No_clone_is_removed_while_children_run_and_newcomers_wait_once_it_is_far_too_full()
    {
        await using GoRepositories repositories = await GoRepositories.CreateAsync();
        await GrowAsync(repositories, "github.com/pkg/errors", (int)(4 * Mega), "v1.99.0");
        using UpstreamRoom room = new(repositories.Options with { CacheSize = Mega });
        IDisposable running = await room.Cache.EnterAsync(CancellationToken.None);
        Assert.True((await room.FetchAsync("github.com/pkg/errors", "v1.99.0")).Outcome.IsFound);
        Assert.Single(Directory.GetDirectories(room.Clones));
        Task<IDisposable> newcomer = room.Cache.EnterAsync(CancellationToken.None);
        Assert.False(newcomer.IsCompleted);
        running.Dispose();
        using IDisposable entered = await newcomer;
        Assert.Empty(Directory.GetDirectories(room.Clones));
    }

    [Fact]
    public async Task Locks_and_half_packs_of_a_killed_git_do_not_stand_in_the_way()
    {
        GoRepositories repositories = await GoRepositories.SharedAsync();
        using UpstreamRoom room = new(repositories.Options);
        Assert.True((await room.FetchAsync("github.com/google/uuid", "v1.2.0")).Outcome.IsFound);
        string clone = Directory.GetDirectories(room.Clones).Single();
        string shallow = Path.Combine(clone, "shallow.lock");
        string half = Path.Combine(clone, "objects", "pack", "tmp_pack_x");
        await File.WriteAllTextAsync(shallow, "");
        await File.WriteAllTextAsync(half, "half");
        room.Cache.RepairAfterKill();
        Assert.False(File.Exists(shallow) || File.Exists(half));
        Assert.True((await room.FetchAsync("github.com/google/uuid", "v1.3.0")).Outcome.IsFound);
    }

    [Fact]
    public async Task A_clone_that_lost_its_content_with_the_power_is_cloned_afresh_after_the_start()
    {
        GoRepositories repositories = await GoRepositories.SharedAsync();
        using TemporaryFolder data = new();
        using (UpstreamRoom room = new(repositories.Options, data.Path))
        {
            Assert.True((await room.FetchAsync("github.com/google/uuid", "v1.2.0")).Outcome.IsFound);
            string clone = Directory.GetDirectories(room.Clones).Single();
            foreach (string file in Directory.EnumerateFiles(Path.Combine(clone, "objects"), "*", SearchOption.AllDirectories))
            {
                File.SetAttributes(file, FileAttributes.Normal);
                await File.WriteAllTextAsync(file, "");
            }
        }

        using UpstreamRoom again = new(repositories.Options, data.Path);
        Outcome<FetchedModule> outcome = (await again.FetchAsync("github.com/google/uuid", "v1.2.0")).Outcome;
        Assert.True(outcome.IsFound, outcome.Reason);
    }

    [Fact]
    public async Task A_clone_that_git_calls_damaged_is_given_up()
    {
        GoRepositories repositories = await GoRepositories.SharedAsync();
        using LyingGo go = new("""
            if [ -e "$folder/lie" ]; then
                echo "go: git cat-file in $GOMODCACHE/cache/vcs/$(ls "$GOMODCACHE/cache/vcs" | head -n 1 | cut -c 1-64): exit status 128:" >&2
                echo "  fatal: loose object 1234 is corrupt" >&2; exit 1
            fi
            exec "$real" "$@"
            """);
        using UpstreamRoom room = new(repositories.Options with { Go = go.Path });
        Assert.True((await room.FetchAsync("github.com/google/uuid", "v1.2.0")).Outcome.IsFound);
        await File.WriteAllTextAsync(Path.Combine(go.Folder, "lie"), "");
        Outcome<FetchedModule> damaged = (await room.FetchAsync("github.com/google/uuid", "v1.2.0")).Outcome;
        Assert.Equal(OutcomeKind.Unavailable, damaged.Kind);
        Assert.Empty(Directory.GetDirectories(room.Clones));
        File.Delete(Path.Combine(go.Folder, "lie"));
        Assert.True((await room.FetchAsync("github.com/google/uuid", "v1.2.0")).Outcome.IsFound);
    }

    [Fact]
    public async Task A_failed_checksum_gives_up_the_clone_that_may_hold_a_tag_since_put_right()
    {
        GoRepositories repositories = await GoRepositories.SharedAsync();
        using LyingGo go = new("""
            if [ -e "$folder/lie" ]; then echo "verifying module: checksum mismatch" >&2; exit 1; fi
            exec "$real" "$@"
            """);
        using UpstreamRoom room = new(repositories.Options with { Go = go.Path });
        Assert.True((await room.FetchAsync("github.com/google/uuid", "v1.2.0")).Outcome.IsFound);
        await File.WriteAllTextAsync(Path.Combine(go.Folder, "lie"), "");
        Assert.Equal(OutcomeKind.Conflicting, (await room.FetchAsync("github.com/google/uuid", "v1.2.0")).Outcome.Kind);
        Assert.Empty(Directory.GetDirectories(room.Clones));
    }

    [Fact]
    public async Task What_an_earlier_process_left_is_swept_at_start()
    {
        using TemporaryFolder data = new();
        string left = data.File("vcs/tmp/old/mod/cache/download/x.zip");
        await File.WriteAllTextAsync(left, "");
        string aside = data.File($"vcs/clones/x{CloneFolder.Aside}/HEAD");
        await File.WriteAllTextAsync(aside, "");
        string stale = data.File("vcs/clones/y/shallow.lock");
        await File.WriteAllTextAsync(stale, "");
        UpstreamLayout layout = new(data.Path);
        layout.Prepare();
        new VcsCache(layout, Mega, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance).Open();
        Assert.False(File.Exists(left) || File.Exists(aside) || File.Exists(stale));
    }

    private static async Task<(long Bytes, TimeSpan Took)> MeasureAsync(UpstreamRoom room, string version)
    {
        long before = Directory.Exists(room.Clones) ? CloneFolder.SizeOf(room.Clones) : 0;
        long started = TimeProvider.System.GetTimestamp();
        Outcome<FetchedModule> outcome = (await room.FetchAsync("github.com/pkg/errors", version)).Outcome;
        Assert.True(outcome.IsFound, outcome.Reason);
        return (CloneFolder.SizeOf(room.Clones) - before, TimeProvider.System.GetElapsedTime(started));
    }

    /// <summary>Commits a file of incompressible bytes and tags the commit.</summary>
    private static async Task GrowAsync(GoRepositories repositories, string repository, int bytes, string tag)
    {
        using TemporaryFolder work = new();
        string git = repositories.Repository(repository);
        byte[] content = new byte[bytes];
#pragma warning disable CA5394 // Incompressible, not secret.
        new Random(bytes).NextBytes(content);
#pragma warning restore CA5394
        await File.WriteAllBytesAsync(work.File("content.bin"), content);
        string blob = await repositories.GitAsync(repository, "hash-object", "-w", Path.Combine(work.Path, "content.bin"));
        await repositories.GitAsync(repository, "read-tree", "main");
        await repositories.GitAsync(repository, "update-index", "--add", "--cacheinfo", $"100644,{blob},content-{tag}.bin");
        string tree = await repositories.GitAsync(repository, "write-tree");
        string commit = await repositories.GitAsync(repository, "commit-tree", tree, "-p", "main", "-m", tag);
        await repositories.GitAsync(repository, "update-ref", "refs/heads/main", commit);
        await repositories.GitAsync(repository, "tag", tag, commit);
        Assert.True(Directory.Exists(git));
    }
}
