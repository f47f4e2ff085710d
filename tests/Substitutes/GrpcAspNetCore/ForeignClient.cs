using System.Diagnostics;
using System.Text.Json;
using Athens.Federation.Tests.Interop;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Substitutes.GrpcAspNetCore;

/// <summary>A call for a foreign library to make; bytes are base64.</summary>
internal sealed record ForeignCall(string Method, object? Request = null, bool Stream = false)
{
    public string[][]? Metadata { get; init; }

    /// <summary>Milliseconds.</summary>
    public int? Deadline { get; init; }

    /// <summary>Cancels after so many messages of a stream; 0 for a unary call means after a moment.</summary>
    public int? CancelAfter { get; init; }

    public string? Encoding { get; init; }
}

/// <summary>How the call ended for the foreign library; binary metadata is base64, Hash is the SHA-256 of all data.</summary>
internal sealed record ForeignAnswer(
    int Code, string Words, string[][] Headers, string[][] Trailers, int Messages, long Bytes, string Text, string Hash)
{
    public string? Header(string key) => Headers.FirstOrDefault(pair => pair[0] == key)?[1];

    public string? Trailer(string key) => Trailers.FirstOrDefault(pair => pair[0] == key)?[1];
}

/// <summary>A client that is not of our making, in a process of its own.</summary>
internal sealed class ForeignClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private readonly TemporaryFolder folder = new();
    private readonly Process process;

    public ForeignClient(string library, int port)
    {
        var tests = Path.Combine(SourceTree.Root, "tests");
        var service = Path.Combine(tests, "protos", "athens", "tests", "interop.proto");
        var script = Path.Combine(tests, "Substitutes", "GrpcAspNetCore", "interop_client." + (library == "grpcio" ? "py" : "js"));
        if (library == "grpcio")
        {
            service = Path.Combine(folder.Path, "service");
            File.WriteAllBytes(service, [.. InteropReflection.Descriptor.SerializedData]);
        }

        process = Process.Start(ForeignGrpc.Command(library, script, service, $"{port}"))!;
        process.ErrorDataReceived += (_, line) => Errors += line.Data + "\n";
        process.BeginErrorReadLine();
    }

    private string Errors { get; set; } = "";

    public async Task<ForeignAnswer> CallAsync(ForeignCall call)
    {
        await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(call, Json));
        await process.StandardInput.FlushAsync();
        using var patience = new CancellationTokenSource(Patience);
        var line = await process.StandardOutput.ReadLineAsync(patience.Token);
        return JsonSerializer.Deserialize<ForeignAnswer>(line ?? throw new InvalidOperationException($"the client ended: {Errors}"), Json)!;
    }

    public void Dispose()
    {
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
        folder.Dispose();
    }
}
