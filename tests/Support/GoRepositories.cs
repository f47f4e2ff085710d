using Athens.Federation.Node.Upstream;

namespace Athens.Federation.Tests.Support;

/// <summary>A module version that the repositories offer, and what is special about it.</summary>
/// <param name="Feature">plain, capital, major, no-go.mod, pre-release, incompatible, folder, pseudo or meta.</param>
internal sealed record RepositoryModule(string Path, string Version, string Feature)
{
    public override string ToString() => $"{Path}@{Version}";
}

/// <summary>
/// Real Go libraries (Debian's sources) as tagged git repositories, reached by the real <c>go</c> and <c>git</c> through
/// git's <c>insteadOf</c>; the import pages of golang.org/x and gopkg.in come from a <see cref="ImportPages"/>.
/// The same sources give the same commits and h1s on every run.
/// </summary>
internal sealed class GoRepositories : IAsyncDisposable
{
    private static readonly Lazy<Task<GoRepositories>> Once = new(CreateAsync);

    private readonly TemporaryFolder folder;
    private readonly ImportPages pages;

    private GoRepositories(TemporaryFolder folder, ImportPages pages)
    {
        this.folder = folder;
        this.pages = pages;
        Modules = [.. File.ReadLines(Path.Combine(folder.Path, "modules.txt"))
            .Select(line => line.Split(' '))
            .Select(words => new RepositoryModule(words[0], words[1], words[2]))];
        GitConfigEnvironment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["HOME"] = folder.Folder("home"),
            ["GIT_CONFIG_GLOBAL"] = Path.Combine(folder.Path, "gitconfig"),
            ["GIT_CONFIG_NOSYSTEM"] = "1",
            ["HTTP_PROXY"] = pages.Address,
            ["HTTPS_PROXY"] = pages.Address,
            ["NO_PROXY"] = "localhost,127.0.0.1",
            ["GOINSECURE"] = "golang.org,gopkg.in",
        };
    }

    /// <summary>Every module version that can be fetched (about 45).</summary>
    public IReadOnlyList<RepositoryModule> Modules { get; }

    /// <summary>Variables with which a <c>go</c> child reaches the repositories: for <c>[upstream] env</c>, or for a <see cref="GoClient"/>.</summary>
    public IReadOnlyDictionary<string, string> GitConfigEnvironment { get; }

    /// <summary>Options of an upstream that fetches from the repositories: GOPROXY=direct, no checksum database.</summary>
    public UpstreamOptions Options => new() { GoProxy = "direct", SumDb = "off", Env = GitConfigEnvironment };

    /// <summary>The bare repositories, one folder per host.</summary>
    public string RepositoriesFolder => Path.Combine(folder.Path, "repositories");

    /// <summary>One set for the whole test run, for tests that only read. Removed at process exit.</summary>
    public static Task<GoRepositories> SharedAsync() => Once.Value;

    /// <summary>A set of the caller's own, for tests that change the repositories or make them go away (about 1.5 s).</summary>
    public static async Task<GoRepositories> CreateAsync()
    {
        TemporaryFolder folder = new("repositories");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        string script = Path.Combine(SourceTree.Root, "tools", "lib", "go-repositories");
        ChildRun run = await ChildProcess.RunAsync(
            "bash", [script, folder.Path], folder.Path, GoClient.BareEnvironment, CancellationToken.None);
        if (run.ExitCode != 0)
        {
            string reason = run.Terminal;
            folder.Dispose();
            throw new InvalidOperationException(
                $"The repositories of real Go libraries could not be made. Run tools/lib/test-packages first.\n{reason}");
        }

        return new GoRepositories(folder, await ImportPages.StartAsync(Path.Combine(folder.Path, "meta.txt")));
    }

    /// <summary>The repository's folder, e.g. of <c>github.com/pkg/errors</c>.</summary>
    public string Repository(string hostAndPath) => Path.Combine(RepositoriesFolder, hostAndPath);

    /// <summary>The versions of one path that can be fetched.</summary>
    public IReadOnlyList<string> VersionsOf(string path) =>
        [.. Modules.Where(module => module.Path == path).Select(module => module.Version)];

    /// <summary>Makes all repositories unreachable, as if every upstream were gone.</summary>
    public void Remove() => Directory.Move(RepositoriesFolder, RepositoriesFolder + ".gone");

    /// <summary>Undoes <see cref="Remove"/>.</summary>
    public void Restore() => Directory.Move(RepositoriesFolder + ".gone", RepositoriesFolder);

    /// <summary>Runs git in one of the repositories, e.g. to move a tag.</summary>
    public async Task<string> GitAsync(string hostAndPath, params string[] arguments)
    {
        Dictionary<string, string> environment = new(GoClient.BareEnvironment, StringComparer.Ordinal)
        {
            ["GIT_CONFIG_GLOBAL"] = "/dev/null",
            ["GIT_AUTHOR_NAME"] = "Gopher",
            ["GIT_AUTHOR_EMAIL"] = "gopher@example.org",
            ["GIT_COMMITTER_NAME"] = "Gopher",
            ["GIT_COMMITTER_EMAIL"] = "gopher@example.org",
            ["GIT_AUTHOR_DATE"] = "1700000000 +0000",
            ["GIT_COMMITTER_DATE"] = "1700000000 +0000",
        };
        ChildRun run = await ChildProcess.RunAsync(
            "git", arguments, Repository(hostAndPath), environment, CancellationToken.None);
        return run.OrFail().Output.Trim();
    }

    public async ValueTask DisposeAsync()
    {
        await pages.DisposeAsync();
        folder.Dispose();
    }
}
