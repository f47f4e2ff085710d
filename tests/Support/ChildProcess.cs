using System.Diagnostics;

namespace Athens.Federation.Tests.Support;

/// <summary>How a child of the tests ended.</summary>
internal sealed record ChildRun(int ExitCode, string Output, string Errors, TimeSpan Elapsed)
{
    /// <summary>Standard error and output together, as a terminal would show them.</summary>
    public string Terminal => Errors + Output;

    public ChildRun OrFail()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}\n{Terminal}");
        return this;
    }
}

/// <summary>Runs a command with exactly the environment given, and waits for it.</summary>
internal static class ChildProcess
{
    /// <summary>No command of the tests takes this long on a machine that works; a build of everything takes about 40 s.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static async Task<ChildRun> RunAsync(
        string command,
        IEnumerable<string> arguments,
        string folder,
        IReadOnlyDictionary<string, string> environment,
        CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new(command, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        start.Environment.Clear();
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        long started = TimeProvider.System.GetTimestamp();
        using Process child = Process.Start(start) ?? throw new InvalidOperationException($"{command} did not start");
        child.StandardInput.Close();
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        Task<string> output = child.StandardOutput.ReadToEndAsync(patience.Token);
        Task<string> errors = child.StandardError.ReadToEndAsync(patience.Token);
        try
        {
            await child.WaitForExitAsync(patience.Token);
            return new ChildRun(
                child.ExitCode, await output, await errors, TimeProvider.System.GetElapsedTime(started));
        }
        catch (OperationCanceledException)
        {
            child.Kill(entireProcessTree: true);
            throw;
        }
    }
}
