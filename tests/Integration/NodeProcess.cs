using System.Diagnostics;
using System.Text;

namespace Athens.Federation.Tests.Integration;

/// <summary>A real <c>athens serve</c> in a process of its own, as a user starts it.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);

    /// <summary>What is tried again at growing intervals is tried each minute in the end.</summary>
    private static readonly TimeSpan LineLimit = TimeSpan.FromMinutes(3);

    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly TaskCompletionSource<Uri> ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TaskCompletionSource more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private NodeProcess(Process process) => this.process = process;

    public Uri Url { get; private set; } = null!;

    public int Id => process.Id;

    public HttpClient Client { get; private set; } = null!;

    /// <summary>Everything the node printed so far.</summary>
    public string Output
    {
        get
        {
            lock (output)
            {
                return output.ToString();
            }
        }
    }

    /// <summary>Starts a node on a free port and returns when it answers.</summary>
    public static Task<NodeProcess> StartAsync(string data, IReadOnlyDictionary<string, string>? environment = null, params string[] flags) =>
        StartAsync(Athens(["serve", "--listen", "127.0.0.1:0", "--data", data, .. flags], environment));

    /// <summary>The same inside a network namespace: the test cannot reach its port, only its output and its admin socket.</summary>
    public static Task<NodeProcess> StartInAsync(string networkNamespace, string data, IReadOnlyDictionary<string, string>? environment, params string[] flags)
    {
        var start = Athens(["serve", "--listen", "127.0.0.1:0", "--data", data, .. flags], environment);
        string[] inside = ["netns", "exec", networkNamespace, start.FileName, .. start.ArgumentList];
        start.FileName = "ip";
        start.ArgumentList.Clear();
        Array.ForEach(inside, start.ArgumentList.Add);
        return StartAsync(start);
    }

    /// <summary>The same by whatever command ends in a node, its output and errors redirected.</summary>
    public static async Task<NodeProcess> StartAsync(ProcessStartInfo start)
    {
        var node = new NodeProcess(Process.Start(start)!);
        node.process.OutputDataReceived += (_, line) => node.Take(line.Data);
        node.process.ErrorDataReceived += (_, line) => node.Take(line.Data);
        node.process.BeginOutputReadLine();
        node.process.BeginErrorReadLine();
        var ended = node.process.WaitForExitAsync();
        await Task.WhenAny(node.ready.Task, ended).WaitAsync(StartLimit);
        if (!node.ready.Task.IsCompleted)
        {
            await node.DisposeAsync();
            throw new InvalidOperationException("the node did not start:\n" + node.Output);
        }

        node.Url = await node.ready.Task;
        node.Client = new HttpClient { BaseAddress = node.Url, Timeout = TimeSpan.FromMinutes(2) };
        return node;
    }

    /// <summary>Runs a verb to its end: exit code, and what it printed.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        using var process = Process.Start(Athens(arguments, environment))!;
        var printed = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await printed + await errors);
    }

    /// <summary>Waits for a line that has these words, among those printed after a place in <see cref="Output"/>.</summary>
    public async Task<string> WaitForLineAsync(string words, int after = 0)
    {
        using var limit = new CancellationTokenSource(LineLimit);
        while (true)
        {
            Task next;
            lock (output)
            {
                var found = output.ToString(after, output.Length - after).Split('\n').FirstOrDefault(line => line.Contains(words, StringComparison.Ordinal));
                if (found is not null)
                {
                    return found;
                }

                next = more.Task;
            }

            await next.WaitAsync(limit.Token);
        }
    }

    /// <summary>Sends a signal by its short name, such as HUP.</summary>
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)])!;
        await kill.WaitForExitAsync();
    }

    /// <summary>kill -9: nothing in the process gets to run again.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, as a service manager stops it; the exit code.</summary>
    public async Task<int> StopAsync()
    {
        await SignalAsync("TERM");
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }

    private static ProcessStartInfo Athens(string[] arguments, IReadOnlyDictionary<string, string>? environment)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "athens"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("ATHENS_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        if (arguments is ["serve", ..])
        {
            // Hundreds of nodes are started, beside one another: none looks for others but where a test says so.
            start.Environment["ATHENS_DISCOVERY_MDNS"] = "false";
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (output)
        {
            output.AppendLine(line);
            more.TrySetResult();
            more = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        const string paste = "export GOPROXY=";
        var at = line.IndexOf(paste, StringComparison.Ordinal);
        if (at >= 0)
        {
            ready.TrySetResult(new Uri(line[(at + paste.Length)..].Trim()));
        }
    }
}
