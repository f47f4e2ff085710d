using System.Diagnostics;
using System.Globalization;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Substitutes.GrpcNetClient;

/// <summary>One of the test service's two implementations, in a process of its own; it ends with its standard input.</summary>
internal sealed class ForeignServer : IDisposable
{
    private readonly Process process;

    private ForeignServer(Process process, string address)
    {
        this.process = process;
        Address = address;
    }

    public string Address { get; }

    /// <summary>Starts "grpc-js" or "grpcio".</summary>
    public static async Task<ForeignServer> StartAsync(string library, params string[] arguments)
    {
        string folder = Path.Combine(SourceTree.Root, "tests", "Substitutes", "GrpcNetClient");
        ProcessStartInfo start = ForeignGrpc.Command(library, Path.Combine(folder, library == "grpcio" ? "echo_server.py" : "echo_server.js"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        Process process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start");
        string? port = await process.StandardOutput.ReadLineAsync();
        if (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            process.Kill();
            throw new InvalidOperationException($"the {library} server did not start: {await process.StandardError.ReadToEndAsync()}");
        }

        return new ForeignServer(process, $"http://127.0.0.1:{number}");
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        if (!process.WaitForExit(TimeSpan.FromSeconds(10)))
        {
            process.Kill();
        }

        process.Dispose();
    }
}
