namespace Athens.Federation.Tests.Support;

/// <summary>
/// A developer with a fresh machine: the real <c>go</c> with an empty HOME, GOPATH and module cache, and one GOPROXY.
/// Only the build cache is shared between clients (it is addressed by content and holds no modules): compiling the
/// standard library anew would cost every test 20 seconds.
/// </summary>
internal sealed class GoClient : IDisposable
{
    private readonly TemporaryFolder folder = new("go-client");

    /// <param name="goProxy">GOPROXY's value.</param>
    /// <param name="environment">Further variables; they win.</param>
    public GoClient(string goProxy, IReadOnlyDictionary<string, string>? environment = null)
    {
        Environment = new Dictionary<string, string>(BareEnvironment, StringComparer.Ordinal)
        {
            ["HOME"] = folder.Folder("home"),
            ["GOPATH"] = folder.Folder("gopath"),
            ["GOMODCACHE"] = folder.Folder("modcache"),
            ["GOCACHE"] = SharedBuildCache,
            ["GOENV"] = "off",
            ["GOPROXY"] = goProxy,
            ["GOSUMDB"] = "off",
            ["GOTOOLCHAIN"] = "local",
            ["GOFLAGS"] = "-mod=mod -modcacherw",
            ["GO111MODULE"] = "on",
            ["CGO_ENABLED"] = "0",
            ["GIT_TERMINAL_PROMPT"] = "0",
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            Environment[name] = value;
        }
    }

    /// <summary>What any child of the tests gets: nothing of the caller's own Go or git settings.</summary>
    public static IReadOnlyDictionary<string, string> BareEnvironment { get; } = new Dictionary<string, string>
    {
        ["PATH"] = System.Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin",
        ["HOME"] = Path.GetTempPath(),
        ["LC_ALL"] = "C",
        ["GIT_CONFIG_NOSYSTEM"] = "1",
    };

    public IDictionary<string, string> Environment { get; }

    /// <summary>Which <c>go</c> the developer has (<see cref="GoVersions"/>).</summary>
    public string Command { get; init; } = "go";

    /// <summary>The client's module cache; empty at first.</summary>
    public string ModuleCache => Environment["GOMODCACHE"];

    /// <summary>A working folder of this client.</summary>
    public string WorkFolder => folder.Folder("work");

    private static string SharedBuildCache { get; } =
        Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "athens-tests-go-build")).FullName;

    /// <summary>Runs <c>go</c> in the working folder.</summary>
    public Task<ChildRun> RunAsync(CancellationToken cancellationToken, params string[] arguments) =>
        ChildProcess.RunAsync(
            Command, arguments, WorkFolder, new Dictionary<string, string>(Environment), cancellationToken);

    /// <summary>Forgets every module, as on a new machine.</summary>
    public void EmptyModuleCache()
    {
        Directory.Delete(ModuleCache, recursive: true);
        Directory.CreateDirectory(ModuleCache);
    }

    public void Dispose() => folder.Dispose();
}
