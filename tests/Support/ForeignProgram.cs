using System.Diagnostics;
using System.Threading.Channels;

namespace Athens.Federation.Tests.Support;

/// <summary>A script with grpc-js or grpcio in a process of its own; speaks in lines, ends with its standard input.</summary>
internal sealed class ForeignProgram : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process process;
    private readonly Channel<string> lines = Channel.CreateUnbounded<string>();
    private readonly Task<string> errors;

    /// <param name="library">"grpc-js" or "grpcio".</param>
    /// <param name="script">Path of the script below tests/, without its ending: it is there for both libraries.</param>
    /// <param name="arguments">The script's own.</param>
    public ForeignProgram(string library, string script, params string[] arguments)
    {
        string path = Path.Combine(SourceTree.Root, "tests", script + (library == "grpcio" ? ".py" : ".js"));
        process = Process.Start(ForeignGrpc.Command(library, path, arguments)) ?? throw new InvalidOperationException($"{script} did not start");
        process.StandardInput.AutoFlush = true;
        errors = process.StandardError.ReadToEndAsync();
        _ = ReadAsync();
    }

    /// <summary>One that serves, and the port that it prints first.</summary>
    public static async Task<(ForeignProgram Program, string Port)> ServeAsync(string library, string script, params string[] arguments)
    {
        ForeignProgram program = new(library, script, arguments);
        return (program, await program.NextLineAsync());
    }

    /// <summary>The next line that it prints.</summary>
    public async Task<string> NextLineAsync()
    {
        try
        {
            return await lines.Reader.ReadAsync().AsTask().WaitAsync(Patience);
        }
        catch (ChannelClosedException)
        {
            throw new InvalidOperationException($"the program ended: {await errors}");
        }
    }

    /// <summary>Gives it a line to read.</summary>
    public void Say(string line) => process.StandardInput.WriteLine(line);

    /// <summary>As kill -9 does.</summary>
    public void Kill() => process.Kill();

    public void Dispose()
    {
        try
        {
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has gone already, which some tests want.
        }

        if (!process.WaitForExit(TimeSpan.FromSeconds(10)))
        {
            process.Kill();
        }

        process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            lines.Writer.TryWrite(line);
        }

        lines.Writer.Complete();
    }
}
