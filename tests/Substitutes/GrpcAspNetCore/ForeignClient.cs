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

    /// <summary>Cancels after so many messages of a stream.</summary>
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
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private readonly TemporaryFolder folder = new();
    private readonly ForeignProgram program;

    public ForeignClient(string library, int port)
    {
        var service = Path.Combine(SourceTree.Root, "tests", "protos", "athens", "tests", "interop.proto");
        if (library == "grpcio")
        {
            service = folder.File("service");
            File.WriteAllBytes(service, [.. InteropReflection.Descriptor.SerializedData]);
        }

        program = new ForeignProgram(library, "Substitutes/GrpcAspNetCore/interop_client", service, $"{port}");
    }

    public async Task<ForeignAnswer> CallAsync(ForeignCall call)
    {
        program.Say(JsonSerializer.Serialize(call, Json));
        return JsonSerializer.Deserialize<ForeignAnswer>(await program.NextLineAsync(), Json)!;
    }

    public void Dispose()
    {
        program.Dispose();
        folder.Dispose();
    }
}
