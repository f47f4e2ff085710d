using System.Text.Json;
using System.Text.Json.Serialization;

namespace Athens.Federation.Node.Upstream;

/// <summary>What <c>go mod download -json</c> prints of one module version.</summary>
internal sealed record DownloadAnswer
{
    public string Path { get; init; } = "";

    public string Version { get; init; } = "";

    public JsonElement Error { get; init; }

    public string Info { get; init; } = "";

    public string GoMod { get; init; } = "";

    public string Zip { get; init; } = "";

    public string Sum { get; init; } = "";

    public string GoModSum { get; init; } = "";

    public JsonElement Origin { get; init; }

    /// <summary>Go's words: a text here, an object with Err in some releases.</summary>
    public string ErrorText => Error.ValueKind switch
    {
        JsonValueKind.String => Error.GetString()!,
        JsonValueKind.Object when Error.TryGetProperty("Err", out JsonElement inner) => inner.ToString(),
        _ => "",
    };
}

/// <summary>What <c>go list -m -json</c> prints of one module.</summary>
internal sealed record ListAnswer
{
    public string Path { get; init; } = "";

    public string Version { get; init; } = "";

    public string[]? Versions { get; init; }

    public DateTimeOffset? Time { get; init; }

    public JsonElement Origin { get; init; }
}

/// <summary>The bytes of an <c>.info</c>: Version, Time and, when known, Origin.</summary>
internal sealed record InfoFile
{
    public string Version { get; init; } = "";

    public DateTimeOffset? Time { get; init; }

    public JsonElement Origin { get; init; }
}

[JsonSerializable(typeof(DownloadAnswer))]
[JsonSerializable(typeof(ListAnswer))]
[JsonSerializable(typeof(InfoFile))]
internal sealed partial class GoJson : JsonSerializerContext
{
    /// <summary>Reads one JSON object; null when the bytes are not one (a lying or broken <c>go</c>).</summary>
    public static T? Read<T>(ReadOnlySpan<byte> json, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
