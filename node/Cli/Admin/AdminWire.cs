using System.Text.Json;
using System.Text.Json.Nodes;

namespace Athens.Federation.Node.Cli.Admin;

/// <summary>What goes over <c>admin.sock</c>: HTTP/1.1, <c>POST /v1/verb</c>, one JSON object each way. Command and node are mostly of one version; either leaves out what it does not know.</summary>
internal static class AdminWire
{
    public const string Path = "/v1/verb";

    public const string MediaType = "application/json";

    /// <summary>Bytes of a file that a verb takes.</summary>
    public const int MaxInput = 8 << 20;

    /// <summary>Bytes of a request: the file in base64, and words.</summary>
    public const int MaxRequest = (MaxInput / 3 * 4) + (1 << 20);

    /// <summary>Bytes of an answer.</summary>
    public const int MaxAnswer = 32 << 20;

    /// <summary>Words and options of a request.</summary>
    public const int MaxWords = 64;

    private static readonly JsonSerializerOptions Options = new() { MaxDepth = 8 };

    /// <summary>Bytes that a socket's path can have on Linux (sun_path, one for its end).</summary>
    public const int MaxPath = 107;

    /// <summary>Where a node with this data folder listens.</summary>
    public static string SocketIn(string dataFolder) => System.IO.Path.Combine(System.IO.Path.GetFullPath(dataFolder), "admin.sock");

    public static bool FitsSocket(string path) => System.Text.Encoding.UTF8.GetByteCount(path) <= MaxPath;

    public static byte[] Format(string verb, AdminRequest request) => JsonSerializer.SerializeToUtf8Bytes(
        new Question(verb, [.. request.Words], request.Options.ToDictionary(option => option.Key, option => (string?)option.Value, StringComparer.Ordinal), request.Input.ToArray()),
        Options);

    /// <summary>Null when it is no request.</summary>
    public static (string Verb, AdminRequest Request)? ReadRequest(ReadOnlySpan<byte> body)
    {
        var read = Read<Question>(body);
        return read is { Verb: { } verb, Words: { Length: <= MaxWords } words, Options: { Count: <= MaxWords } options } && !words.Contains(null) && !options.ContainsValue(null)
            ? (verb, new AdminRequest(words!, options!, read.Input ?? []))
            : null;
    }

    public static byte[] Format(AdminAnswer answer) =>
        JsonSerializer.SerializeToUtf8Bytes(new Reply(answer.ExitCode, answer.Text, answer.Json, answer.Output.ToArray()), Options);

    /// <summary>Null when it is no answer.</summary>
    public static AdminAnswer? ReadAnswer(ReadOnlySpan<byte> body) =>
        Read<Reply>(body) is { Text: { } text } read ? new AdminAnswer(read.ExitCode, text, read.Json, read.Output ?? []) : null;

    private static T? Read<T>(ReadOnlySpan<byte> body)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(body, Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Question(string? Verb, string?[]? Words, Dictionary<string, string?>? Options, byte[]? Input);

    private sealed record Reply(int ExitCode, string? Text, JsonNode? Json, byte[]? Output);
}
