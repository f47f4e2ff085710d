using System.Buffers;
using System.Collections;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OpenTelemetry.Exporter;

/// <summary>Attribute values and events as the texts that Zipkin takes.</summary>
internal static class TagText
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Numbers in the invariant form, booleans in lower case, arrays as a JSON list.</summary>
    public static string From(object? value) => value switch
    {
        null => "",
        string text => text,
        bool flag => flag ? "true" : "false",
        Array array => Json(json => WriteArray(json, array)),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    /// <summary>An event's name, followed by its attributes when it has any: <c>"name": {"key":"value"}</c>.</summary>
    public static string From(in ActivityEvent @event)
    {
        var attributes = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (ref readonly var tag in @event.EnumerateTagObjects())
        {
            attributes[tag.Key] = tag.Value;
        }

        if (attributes.Count == 0)
        {
            return @event.Name;
        }

        var name = @event.Name;
        return Json(json => json.WriteStringValue(name)) + ": " + Json(json =>
        {
            json.WriteStartObject();
            foreach (var (key, value) in attributes)
            {
                json.WritePropertyName(key);
                WriteValue(json, value);
            }

            json.WriteEndObject();
        });
    }

    private static string Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Relaxed))
        {
            write(json);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteArray(Utf8JsonWriter json, IEnumerable items)
    {
        json.WriteStartArray();
        foreach (var item in items)
        {
            WriteValue(json, item);
        }

        json.WriteEndArray();
    }

    private static void WriteValue(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case sbyte or byte or short or ushort or int or uint or long:
                json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case float or double when double.IsFinite(Convert.ToDouble(value, CultureInfo.InvariantCulture)):
                json.WriteNumberValue(Convert.ToDouble(value, CultureInfo.InvariantCulture));
                break;
            default:
                json.WriteStringValue(From(value));
                break;
        }
    }
}
