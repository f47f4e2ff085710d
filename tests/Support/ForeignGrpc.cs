using System.Diagnostics;

namespace Athens.Federation.Tests.Support;

/// <summary>The gRPC libraries that are not of our making: grpc-js and python3-grpcio. tools/lib/interop-packages installs both.</summary>
internal static class ForeignGrpc
{
    private static readonly string NodeModules = Path.Combine(SourceTree.Root, "artifacts", "interop", "node_modules");

    private static readonly Lazy<string?> Python = new(() =>
        new[] { "python3", "/usr/bin/python3" }.FirstOrDefault(python => Runs(python, "-c", "import grpc, google.protobuf")));

    private static readonly Lazy<bool> Node = new(() => Runs("node", "-e", "require('@grpc/grpc-js')"));

    /// <summary>What is missing; null when both can be had.</summary>
    public static string? Missing { get; } = (Python.Value, Node.Value) switch
    {
        (null, _) => "python3-grpcio is missing: run tools/lib/interop-packages",
        (_, false) => "@grpc/grpc-js is missing: run tools/lib/interop-packages",
        _ => null,
    };

    /// <summary>Runs a script with "grpc-js" or "grpcio"; all three standard streams are redirected.</summary>
    public static ProcessStartInfo Command(string library, string script, params string[] arguments) =>
        Start(library == "grpcio" ? Python.Value! : "node", [script, .. arguments]);

    private static ProcessStartInfo Start(string command, params string[] arguments) => new(command, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        UseShellExecute = false,
        Environment = { ["no_proxy"] = "127.0.0.1,localhost", ["NODE_NO_WARNINGS"] = "1", ["NODE_PATH"] = NodeModules },
    };

    private static bool Runs(string command, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(Start(command, arguments))!;
            process.StandardInput.Close();
            return process.WaitForExit(TimeSpan.FromSeconds(20)) && process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}

/// <summary>A test with a foreign gRPC library; skipped, and counted as such, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ForeignGrpcFactAttribute : FactAttribute
{
    public ForeignGrpcFactAttribute() => Skip = ForeignGrpc.Missing;
}

/// <inheritdoc cref="ForeignGrpcFactAttribute" />
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ForeignGrpcTheoryAttribute : TheoryAttribute
{
    public ForeignGrpcTheoryAttribute() => Skip = ForeignGrpc.Missing;
}
