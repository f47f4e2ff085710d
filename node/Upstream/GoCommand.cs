using System.Diagnostics;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Upstream;

/// <summary>The <c>go</c> command of this node: found, asked for its version, and run in the room's environment.</summary>
internal sealed class GoCommand : IDisposable
{
    /// <summary>How long <c>go env</c> may take: a cold start on a loaded machine takes a second or two.</summary>
    private static readonly TimeSpan VersionTimeout = TimeSpan.FromSeconds(30);

    /// <summary>A command that does not answer is not asked again for so long: every fetch would wait for it.</summary>
    private static readonly TimeSpan AskAgain = TimeSpan.FromMinutes(1);

    private readonly UpstreamOptions options;
    private readonly PrefixPatterns privatePaths;
    private readonly Dictionary<string, string> environment;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly SemaphoreSlim asking = new(1, 1);
    private volatile KnownVersion? known;

    public GoCommand(UpstreamOptions options, UpstreamLayout layout, TimeProvider time, ILogger<GoCommand> logger)
    {
        this.options = options;
        privatePaths = new PrefixPatterns(options.Private);
        this.time = time;
        this.logger = logger;
        Dictionary<string, string> inherited = Environment.GetEnvironmentVariables()
            .Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "", StringComparer.Ordinal);
        environment = GoEnvironment.Build(inherited, options, layout.Root);
    }

    /// <summary>Private elsewhere, and so here; null: nothing is.</summary>
    public ReceivedModules? Received { get; init; }

    /// <inheritdoc cref="UpstreamOptions.IsOff"/>
    public bool IsOff => options.IsOff;

    /// <inheritdoc cref="UpstreamOptions.Private"/>
    public bool IsPrivate(string path) => privatePaths.Matches(path) || Received?.Has(path) == true;

    /// <summary>Null when <c>go</c> and <c>git</c> are there and <c>go</c> runs, else what is missing and what to do.</summary>
    public async ValueTask<string?> CheckAsync(CancellationToken cancellationToken)
    {
        if (IsOff)
        {
            return null;
        }

        if (Find(options.Go) is null)
        {
            return GoMissing;
        }

        if (Find("git") is null)
        {
            return "git was not found in PATH: install it (Debian: apt-get install git)";
        }

        string version = await VersionAsync(cancellationToken);
        return version.Length > 0
            ? null
            : $"{options.Go} does not answer \"go env GOVERSION\": set [upstream] go to a working Go command";
    }

    /// <summary>What a developer and an operator read when there is no <c>go</c>.</summary>
    public string GoMissing =>
        $"this node has no go command ({options.Go}): install Go (Debian: apt-get install golang-go) or set [upstream] go to its path";

    /// <summary>e.g. <c>go1.23.5</c>, or empty. Asked once, and again when the file behind the command has changed.</summary>
    public async Task<string> VersionAsync(CancellationToken cancellationToken)
    {
        if (Find(options.Go) is not { } path || Stamp(path) is not { } stamp)
        {
            return "";
        }

        if (Known(stamp) is { } current)
        {
            return current;
        }

        await asking.WaitAsync(cancellationToken);
        try
        {
            if (Known(stamp) is { } asked)
            {
                return asked;
            }

            ProcessStartInfo start = ProcessGroup.Leading(path, ["env", "GOVERSION"]);
            Fill(start, environment);
            ChildResult result = await ChildProcess.RunAsync(start, VersionTimeout, time, cancellationToken);
            string version = result is { End: ChildEnd.Exited, ExitCode: 0 } ? Plain(result.Output) : "";
            known = new KnownVersion(stamp, version, time.GetTimestamp());
            if (version.Length > 0)
            {
                logger.GoFound(path, version);
            }

            return version;
        }
        finally
        {
            asking.Release();
        }
    }

    /// <summary>Runs <c>go</c> in a scratch folder; null when there is no such command.</summary>
    /// <param name="scratch">The child's own folder.</param>
    /// <param name="path">The module path that it is about.</param>
    /// <param name="arguments">Of <c>go</c>.</param>
    /// <param name="activity">Gets tags.</param>
    /// <param name="cancellationToken">Ends the child.</param>
    public async Task<ChildResult?> RunAsync(
        ScratchFolder scratch, string path, IReadOnlyList<string> arguments, Activity? activity, CancellationToken cancellationToken)
    {
        if (Find(options.Go) is not { } program)
        {
            return null;
        }

        ProcessStartInfo start = ProcessGroup.Leading(program, arguments);
        start.WorkingDirectory = scratch.WorkingFolder;
        Fill(start, environment);
        Hide(start, path);
        scratch.AddTo(start.Environment);
        Meters.ChildRunning(1);
        ChildResult result;
        try
        {
            result = await ChildProcess.RunAsync(start, options.Timeout, time, cancellationToken);
        }
        finally
        {
            Meters.ChildRunning(-1);
        }

        activity?.SetTag("process.exit_code", result.ExitCode);
        activity?.SetTag("athens.child.end", result.End.ToString());
        return result;
    }

    public void Dispose() => asking.Dispose();

    /// <summary>What became private while the node ran: no proxy and no checksum database hears of it from the child.</summary>
    private void Hide(ProcessStartInfo start, string path)
    {
        if (Received?.Has(path) == true && options.TellsProxies)
        {
            Never(start, "GONOPROXY", path);
        }

        if (Received?.IsUnproven(path) == true)
        {
            Never(start, "GONOSUMDB", path);
        }
    }

    /// <summary>Set, it hides GOPRIVATE from go: so it has those patterns too.</summary>
    private static void Never(ProcessStartInfo start, string variable, string path)
    {
        string? before = start.Environment.TryGetValue(variable, out string? set) ? set : start.Environment.TryGetValue("GOPRIVATE", out string? all) ? all : null;
        start.Environment[variable] = string.IsNullOrEmpty(before) ? path : $"{before},{path}";
    }

    private static void Fill(ProcessStartInfo start, Dictionary<string, string> variables)
    {
        start.Environment.Clear();
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }
    }

    /// <summary>The version as go prints it, when it is one: it goes into records and answers.</summary>
    private static string Plain(byte[] output)
    {
        const int Longest = 64;
        string text = System.Text.Encoding.UTF8.GetString(output).Trim();
        int end = text.IndexOf(' ', StringComparison.Ordinal);
        text = end < 0 ? text : text[..end];
        bool plain = text.Length is > 0 and <= Longest && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '+');
        return plain ? text : "";
    }

    private static (string Path, DateTime Written, long Length)? Stamp(string path)
    {
        FileInfo file = new(path);
        FileSystemInfo? target = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true);
        return target is FileInfo { Exists: true } real ? (real.FullName, real.LastWriteTimeUtc, real.Length) : null;
    }

    private string? Known((string Path, DateTime Written, long Length) stamp) =>
        known is { } current && current.Stamp == stamp &&
            (current.Version.Length > 0 || time.GetElapsedTime(current.Asked) < AskAgain)
            ? current.Version
            : null;

    private string? Find(string command)
    {
        IEnumerable<string> candidates = command.Contains('/', StringComparison.Ordinal)
            ? [Path.GetFullPath(command)]
            : environment["PATH"].Split(':', StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, command));
        return candidates.FirstOrDefault(IsExecutable);
    }

    private static bool IsExecutable(string path) =>
        File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) &
            (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != UnixFileMode.None);

    private sealed record KnownVersion((string Path, DateTime Written, long Length) Stamp, string Version, long Asked);
}
