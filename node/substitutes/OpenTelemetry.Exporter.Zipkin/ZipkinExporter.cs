using System.Diagnostics;
using OpenTelemetry.Resources;

namespace OpenTelemetry.Exporter;

/// <summary>
/// Sends spans to Zipkin as JSON of its v2 API. A batch that cannot be sent is given up: the caller learns Failure,
/// and no exception leaves.
/// </summary>
public class ZipkinExporter : BaseExporter<Activity>
{
    private readonly Uri endpoint;
    private readonly HttpClient client;
    private readonly int payloadLimit;
    private readonly bool useShortTraceIds;
    private SpanWriter? writer;

    /// <summary>Makes an exporter; without a client, the options' factory makes one.</summary>
    public ZipkinExporter(ZipkinExporterOptions options, HttpClient? client = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        endpoint = options.Endpoint;
        useShortTraceIds = options.UseShortTraceIds;
        payloadLimit = options.MaxPayloadSizeInBytes is > 0 and var limit ? limit : int.MaxValue;
        this.client = client
            ?? options.HttpClientFactory?.Invoke()
            ?? throw new InvalidOperationException("the HttpClientFactory of the Zipkin exporter made no client");
    }

    /// <inheritdoc/>
    public override ExportResult Export(in Batch<Activity> batch)
    {
        // The exporter's own request must not become a span that has to be exported.
        using var suppressed = SuppressInstrumentationScope.Begin();
        try
        {
            writer ??= new SpanWriter(ParentProvider?.GetResource() ?? Resource.Empty, useShortTraceIds);
            using var feed = new SpanFeed(batch.GetEnumerator(), writer, payloadLimit);
            while (feed.HasMore)
            {
                if (!Send(feed))
                {
                    return ExportResult.Failure;
                }
            }

            return ExportResult.Success;
        }
        catch (Exception)
        {
            // Whatever went wrong, a span that could not be told must not end the process that told it.
            return ExportResult.Failure;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            writer?.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool Send(SpanFeed feed)
    {
        using var content = new SpanPayload(feed);
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = content };
        using var response = client.Send(request, HttpCompletionOption.ResponseHeadersRead, CancellationToken.None);
        return response.IsSuccessStatusCode && content.IsWritten;
    }
}
