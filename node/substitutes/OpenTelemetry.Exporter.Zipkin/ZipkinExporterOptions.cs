using System.Diagnostics;
using OpenTelemetry.Trace;

namespace OpenTelemetry.Exporter;

/// <summary>Where and how spans are sent to Zipkin.</summary>
public class ZipkinExporterOptions
{
    /// <summary>4 KiB, as the published package has it.</summary>
    internal const int DefaultMaxPayloadSizeInBytes = 4096;

    /// <summary>Zipkin's v2 span collector.</summary>
    public Uri Endpoint { get; set; } = new("http://localhost:9411/api/v2/spans");

    /// <summary>Sends the lower 64 bits of a trace id, for servers with strict trace ids switched off.</summary>
    public bool UseShortTraceIds { get; set; }

    /// <summary>Spans go out in requests of about this size; null: one request for a whole batch.</summary>
    public int? MaxPayloadSizeInBytes { get; set; } = DefaultMaxPayloadSizeInBytes;

    /// <summary>Batches on a thread of its own (the default), or each span as it ends.</summary>
    public ExportProcessorType ExportProcessorType { get; set; } = ExportProcessorType.Batch;

    /// <summary>Queue and batch sizes; used when spans are exported in batches.</summary>
    public BatchExportProcessorOptions<Activity> BatchExportProcessorOptions { get; set; } =
        new BatchExportActivityProcessorOptions();

    /// <summary>Makes the client that sends. Called once, when the exporter is made.</summary>
    public Func<HttpClient> HttpClientFactory { get; set; } = () => new HttpClient();
}
