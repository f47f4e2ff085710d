using System.Globalization;
using System.Text.Json;

namespace Athens.Federation.Node.Telemetry;

/// <summary>
/// For machines: one JSON object a line with <c>time level id event category message fields</c>, and where there is one
/// <c>exception</c>, <c>trace</c> and <c>span</c>.
/// </summary>
internal sealed class JsonLogFormat : ILogFormat
{
    private static readonly JsonEncodedText Time = JsonEncodedText.Encode("time");
    private static readonly JsonEncodedText Level = JsonEncodedText.Encode("level");
    private static readonly JsonEncodedText Id = JsonEncodedText.Encode("id");
    private static readonly JsonEncodedText Event = JsonEncodedText.Encode("event");
    private static readonly JsonEncodedText Category = JsonEncodedText.Encode("category");
    private static readonly JsonEncodedText Message = JsonEncodedText.Encode("message");
    private static readonly JsonEncodedText FieldsName = JsonEncodedText.Encode("fields");
    private static readonly JsonEncodedText ExceptionName = JsonEncodedText.Encode("exception");
    private static readonly JsonEncodedText Trace = JsonEncodedText.Encode("trace");
    private static readonly JsonEncodedText Span = JsonEncodedText.Encode("span");

    private static readonly JsonEncodedText[] Levels =
    [
        JsonEncodedText.Encode("trace"),
        JsonEncodedText.Encode("debug"),
        JsonEncodedText.Encode("info"),
        JsonEncodedText.Encode("warn"),
        JsonEncodedText.Encode("error"),
        JsonEncodedText.Encode("fatal"),
    ];

    public void Write(LogLine line, in LogEntry entry)
    {
        var json = line.Json;
        json.Reset();
        json.WriteStartObject();
        json.WriteString(Time, entry.Time.UtcDateTime);
        json.WriteString(Level, Levels[Math.Clamp((int)entry.Level, 0, Levels.Length - 1)]);
        json.WriteNumber(Id, entry.Id.Id);
        if (!string.IsNullOrEmpty(entry.Id.Name))
        {
            json.WriteString(Event, entry.Id.Name);
        }

        json.WriteString(Category, entry.Category.Name);
        WriteMessage(line, entry);
        WriteFields(line);
        if (entry.Exception is not null)
        {
            line.Scratch.Clear();
            LogValue.WriteText(line.Scratch, LogValue.ToText(entry.Exception, null), LogValue.MaxLongLength);
            json.WriteString(ExceptionName, line.Scratch.Written);
        }

        if (entry.Activity is { IdFormat: System.Diagnostics.ActivityIdFormat.W3C } activity)
        {
            json.WriteString(Trace, activity.TraceId.ToHexString());
            json.WriteString(Span, activity.SpanId.ToHexString());
        }

        json.WriteEndObject();
        json.Flush();
        line.Text.Append("\n"u8);
    }

    private static void WriteMessage(LogLine line, in LogEntry entry)
    {
        line.Scratch.Clear();
        if (entry.Template is { } template)
        {
            template.Render(line.Scratch, line.Fields);
        }
        else
        {
            LogValue.WriteText(line.Scratch, entry.Text ?? "", LogValue.MaxLongLength);
        }

        line.Json.WriteString(Message, line.Scratch.Written);
    }

    private static void WriteFields(LogLine line)
    {
        var any = false;
        var fields = line.Fields;
        for (var i = 0; i < fields.Length; i++)
        {
            if (fields[i].Key == LogTemplate.FieldName || IsRepeated(fields[..i], fields[i].Key))
            {
                continue;
            }

            if (!any)
            {
                line.Json.WriteStartObject(FieldsName);
                any = true;
            }

            line.Json.WritePropertyName(LogFieldName.Of(fields[i].Key));
            WriteValue(line, fields[i].Value);
        }

        if (any)
        {
            line.Json.WriteEndObject();
        }
    }

    private static bool IsRepeated(ReadOnlySpan<KeyValuePair<string, object?>> earlier, string key)
    {
        foreach (var field in earlier)
        {
            if (field.Key.Equals(key, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static void WriteValue(LogLine line, object? value)
    {
        switch (value)
        {
            case null:
                line.Json.WriteNullValue();
                break;
            case bool flag:
                line.Json.WriteBooleanValue(flag);
                break;
            case int number:
                line.Json.WriteNumberValue(number);
                break;
            case long number:
                line.Json.WriteNumberValue(number);
                break;
            case double number when double.IsFinite(number):
                line.Json.WriteNumberValue(number);
                break;
            case sbyte or byte or short or ushort or uint or ulong or decimal:
                line.Json.WriteNumberValue(Convert.ToDecimal(value, CultureInfo.InvariantCulture));
                break;
            default:
                line.Scratch.Clear();
                LogValue.Write(line.Scratch, value, null);
                line.Json.WriteStringValue(line.Scratch.Written);
                break;
        }
    }
}
