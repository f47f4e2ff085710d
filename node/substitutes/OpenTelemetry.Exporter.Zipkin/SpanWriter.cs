using System.Buffers;
using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using OpenTelemetry.Resources;

namespace OpenTelemetry.Exporter;

/// <summary>
/// Writes an activity as a span of Zipkin's v2 JSON (zipkin2-api.yaml), mapped as OpenTelemetry's specification
/// says (trace/sdk_exporters/zipkin.md). Not for use by two threads at once; the SDK exports one batch at a time.
/// </summary>
internal sealed class SpanWriter : IDisposable
{
    private const string UnknownService = "unknown_service";

    private readonly ArrayBufferWriter<byte> buffer = new();
    private readonly Utf8JsonWriter json;
    private readonly SpanTags tags = new();
    private readonly string serviceName = UnknownService;
    private readonly List<KeyValuePair<string, object>> resourceTags = [];
    private readonly bool useShortTraceIds;

    public SpanWriter(Resource resource, bool useShortTraceIds)
    {
        this.useShortTraceIds = useShortTraceIds;
        // The text goes to a JSON API, not into a page: only what JSON itself demands is escaped.
        json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        foreach (var attribute in resource.Attributes)
        {
            if (attribute.Key == "service.name")
            {
                serviceName = TagText.From(attribute.Value).ToLowerInvariant();
            }
            else
            {
                resourceTags.Add(attribute);
            }
        }
    }

    /// <summary>The span as UTF-8 JSON; valid until the next call.</summary>
    public ReadOnlyMemory<byte> Write(Activity activity)
    {
        buffer.ResetWrittenCount();
        json.Reset();
        json.WriteStartObject();
        WriteIds(activity);
        WriteName(activity);
        json.WriteNumber("timestamp"u8, Microseconds(activity.StartTimeUtc));
        json.WriteNumber("duration"u8, Math.Max(1, (long)activity.Duration.TotalMicroseconds));
        json.WriteStartObject("localEndpoint"u8);
        json.WriteString("serviceName"u8, serviceName);
        json.WriteEndObject();
        tags.Collect(activity, resourceTags);
        if (activity.Kind is ActivityKind.Client or ActivityKind.Producer)
        {
            RemoteEndpoint.Find(tags)?.WriteTo(json);
        }

        WriteAnnotations(activity);
        WriteTags();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    public void Dispose() => json.Dispose();

    private void WriteIds(Activity activity)
    {
        var traceId = activity.TraceId.ToHexString().AsSpan();
        json.WriteString("traceId"u8, useShortTraceIds ? traceId[16..] : traceId);
        json.WriteString("id"u8, activity.SpanId.ToHexString());
        if (activity.ParentSpanId != default)
        {
            json.WriteString("parentId"u8, activity.ParentSpanId.ToHexString());
        }
    }

    private void WriteName(Activity activity)
    {
        if (activity.DisplayName.Length > 0)
        {
            json.WriteString("name"u8, activity.DisplayName.ToLowerInvariant());
        }

        var kind = activity.Kind switch
        {
            ActivityKind.Client => "CLIENT",
            ActivityKind.Server => "SERVER",
            ActivityKind.Producer => "PRODUCER",
            ActivityKind.Consumer => "CONSUMER",
            _ => null,
        };
        if (kind is not null)
        {
            json.WriteString("kind"u8, kind);
        }
    }

    private void WriteAnnotations(Activity activity)
    {
        var any = false;
        foreach (ref readonly var @event in activity.EnumerateEvents())
        {
            if (!any)
            {
                json.WriteStartArray("annotations"u8);
                any = true;
            }

            json.WriteStartObject();
            json.WriteNumber("timestamp"u8, Microseconds(@event.Timestamp.UtcDateTime));
            json.WriteString("value"u8, TagText.From(@event));
            json.WriteEndObject();
        }

        if (any)
        {
            json.WriteEndArray();
        }
    }

    private void WriteTags()
    {
        json.WriteStartObject("tags"u8);
        foreach (var (key, value) in tags)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    private static long Microseconds(DateTime utc) => (utc.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
}
