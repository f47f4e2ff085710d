using System.Text.Json;

namespace Athens.Federation.Node.Retrieval;

/// <summary>What <c>go</c> needs an <c>.info</c> to be: one JSON object whose Version is the one asked for.</summary>
internal static class InfoFile
{
    /// <summary>A version, a time and an origin take under 2 KiB; what is larger is no <c>.info</c>.</summary>
    public const int MaxSize = 64 << 10;

    /// <summary>All that is certain when nobody trusted tells more. <c>go</c> needs no time.</summary>
    public static byte[] OfVersion(string version) => JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string>(StringComparer.Ordinal) { ["Version"] = version });

    /// <summary>Null when all is well, else one sentence.</summary>
    public static string? Check(ReadOnlyMemory<byte> info, string version)
    {
        if (info.Length > MaxSize)
        {
            return $"the .info has {info.Length} bytes, more than {MaxSize}";
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(info);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? CheckObject(document.RootElement, version)
                : "the .info is not a JSON object";
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is no valid Unicode, found only when it is read.
            return "the .info is not valid JSON";
        }
    }

    private static string? CheckObject(JsonElement root, string version)
    {
        // Go matches names without regard to case and takes the last one, so a second spelling could say something else.
        int versions = 0;
        foreach (JsonProperty property in root.EnumerateObject())
        {
            if (property.Name.Equals("Version", StringComparison.OrdinalIgnoreCase))
            {
                versions++;
                if (property.Value.ValueKind != JsonValueKind.String || !property.Value.ValueEquals(version))
                {
                    return $"the .info tells of another version than {version}";
                }
            }
            else if (property.Name.Equals("Time", StringComparison.OrdinalIgnoreCase) && !IsTime(property.Value))
            {
                return "the .info has a Time that is no RFC 3339 time";
            }
        }

        return versions == 1 ? null : "the .info must have exactly one Version";
    }

    private static bool IsTime(JsonElement value) =>
        value.ValueKind == JsonValueKind.Null
        || (value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out _));
}
