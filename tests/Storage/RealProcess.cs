using System.Diagnostics;

namespace Athens.Federation.Tests.Storage;

/// <summary>Runs a real program to its end.</summary>
internal static class RealProcess
{
    public static async Task<(int Code, string Output)> RunAsync(
        string program, string[] arguments, string? folder = null, Dictionary<string, string>? environment = null)
    {
        using var process = Start(program, arguments, folder, environment);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }

    public static Process Start(
        string program, string[] arguments, string? folder = null, Dictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "",
        };
        foreach (var (name, value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
