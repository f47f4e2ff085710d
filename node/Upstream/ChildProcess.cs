using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Athens.Federation.Node.Upstream;

/// <summary>How a child came to its end.</summary>
internal enum ChildEnd
{
    Exited,
    TimedOut,
    Cancelled,

    /// <summary>It wrote more than <see cref="ChildProcess.MaxOutput"/>.</summary>
    TooMuchOutput,

    /// <summary>The system could not start it.</summary>
    NotStarted,
}

/// <summary>What a child left behind.</summary>
internal sealed record ChildResult(ChildEnd End, int ExitCode, byte[] Output, string Errors);

/// <summary>Runs one child to its end, whatever it does: bounded in time and output, killed with all it started.</summary>
internal static class ChildProcess
{
    /// <summary>Bytes of standard output: a list of 100,000 versions is about 3 MB.</summary>
    public const int MaxOutput = 8 << 20;

    /// <summary>Bytes of standard error kept; what a developer is shown is far less.</summary>
    public const int MaxErrors = 64 << 10;

    /// <summary>How long a pipe may stay open after the child's end: only a grandchild can hold it, and it is killed then.</summary>
    private static readonly TimeSpan PipeGrace = TimeSpan.FromSeconds(2);

    public static async Task<ChildResult> RunAsync(
        ProcessStartInfo start, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        using Process child = new() { StartInfo = start };
        try
        {
            child.Start();
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            return new ChildResult(ChildEnd.NotStarted, -1, [], e.Message);
        }

        child.StandardInput.Close();
        using CancellationTokenSource overflow = new();
        using CancellationTokenSource deadline = new(timeout, time);
        using CancellationTokenSource stop =
            CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token, overflow.Token);
        BoundedPipe output = new(MaxOutput);
        BoundedPipe errors = new(MaxErrors);
        Task drained = Task.WhenAll(
            output.DrainAsync(child.StandardOutput.BaseStream, overflow.Cancel),
            errors.DrainAsync(child.StandardError.BaseStream, static () => { }));
        bool killed = false;
        try
        {
            await child.WaitForExitAsync(stop.Token);
        }
        catch (OperationCanceledException)
        {
            killed = true;
            ProcessGroup.Kill(child);
            await child.WaitForExitAsync(CancellationToken.None);
        }

        await CloseAsync(child, drained, time);
        ChildEnd end = output.Overflowed ? ChildEnd.TooMuchOutput
            : !killed ? ChildEnd.Exited
            : cancellationToken.IsCancellationRequested ? ChildEnd.Cancelled
            : ChildEnd.TimedOut;
        return new ChildResult(end, child.ExitCode, output.Bytes, Encoding.UTF8.GetString(errors.Bytes));
    }

    /// <summary>Waits for the pipes' ends; a grandchild that keeps them open is killed, and one that even so does is left alone.</summary>
    private static async Task CloseAsync(Process child, Task drained, TimeProvider time)
    {
        for (int attempt = 0; attempt < 2; attempt++)
        {
            try
            {
                await drained.WaitAsync(PipeGrace, time);
                return;
            }
            catch (TimeoutException)
            {
                ProcessGroup.Kill(child);
            }
        }
    }
}
