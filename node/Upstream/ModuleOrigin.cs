using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Athens.Federation.Node.Upstream;

/// <summary>The Origin object that <c>go</c> reports, without what must not be passed on.</summary>
internal static class ModuleOrigin
{
    /// <summary>The members that Go documents (cmd/go, Origin). TagSum and the like describe one look-up, not a version.</summary>
    private static readonly string[] Members = ["VCS", "URL", "Subdir", "Hash", "Ref"];

    /// <summary>Characters of a member: a URL or a ref; more is nonsense.</summary>
    private const int MaxMember = 2048;

    /// <summary>The repository's URL, or empty.</summary>
    public static string Url(JsonElement origin) =>
        origin.ValueKind == JsonValueKind.Object && origin.TryGetProperty("URL", out JsonElement url) &&
            url.ValueKind == JsonValueKind.String ? url.GetString()! : "";

    /// <summary>The folder of the module inside its repository, or empty.</summary>
    public static string Subfolder(JsonElement origin) =>
        origin.ValueKind == JsonValueKind.Object && origin.TryGetProperty("Subdir", out JsonElement folder) &&
            folder.ValueKind == JsonValueKind.String ? folder.GetString()! : "";

    /// <summary>As JSON with documented members only and no credentials in its URL; null when go reported none.</summary>
    public static string? Json(JsonElement origin)
    {
        if (Url(origin).Length == 0)
        {
            return null;
        }

        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            Write(writer, origin);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The bytes of an <c>.info</c> as a Go proxy serves them.</summary>
    public static byte[] Info(string version, DateTimeOffset time, JsonElement origin)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("Version", version);
            // Go writes RFC 3339, with fractions only where there are some.
            writer.WriteString("Time", time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture));
            if (Url(origin).Length > 0)
            {
                writer.WritePropertyName("Origin");
                Write(writer, origin);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>True when the URL carries a user name or password.</summary>
    public static bool HasCredentials(JsonElement origin) => GoWords.WithoutCredentials(Url(origin)) != Url(origin);

    private static void Write(Utf8JsonWriter writer, JsonElement origin)
    {
        writer.WriteStartObject();
        foreach (string name in Members)
        {
            if (origin.TryGetProperty(name, out JsonElement member) && member.ValueKind == JsonValueKind.String &&
                member.GetString() is { Length: > 0 and <= MaxMember } value)
            {
                writer.WriteString(name, name == "URL" ? GoWords.WithoutCredentials(value) : value);
            }
        }

        writer.WriteEndObject();
    }
}
