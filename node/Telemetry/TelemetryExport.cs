using System.Reflection;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Athens.Federation.Node.Telemetry;

/// <summary>
/// Sends spans (and, over OTLP, metrics) to where the options say, from threads and queues of its own. It exists only
/// when an exporter is configured: without a listener nothing is recorded, and a request pays nothing.
/// </summary>
internal sealed class TelemetryExport : IHostedService, IDisposable
{
    /// <summary>How long a stopping node waits for the last spans.</summary>
    public static readonly TimeSpan ShutdownLimit = TimeSpan.FromSeconds(2);

    /// <summary>Ended spans that wait, about 4 MB at most; the SDK drops what comes beyond.</summary>
    private const int QueueLimit = 4096;

    private const int BatchLimit = 512;

    /// <summary>Zipkin takes 5 MiB at most by default; a batch of ordinary spans is about 300 KB.</summary>
    private const int PayloadLimit = 512 << 10;

    private static readonly TimeSpan BatchDelay = TimeSpan.FromSeconds(1);

    private readonly TelemetryOptions options;
    private readonly string nodeName;
    private readonly ILogger logger;
    private readonly TimeProvider time;
    private readonly List<(HttpClient Client, ExportHealth Health)> clients = [];
    private TracerProvider? tracer;
    private MeterProvider? meter;

    public TelemetryExport(TelemetryOptions options, string nodeName, ILoggerFactory loggers, TimeProvider time)
    {
        this.options = options;
        this.nodeName = nodeName;
        this.time = time;
        logger = loggers.CreateLogger(typeof(TelemetryExport).Namespace!);
    }

    /// <summary>Whether a module path is private, and so is not told to any collector; null: none is.</summary>
    public Func<string, bool>? IsPrivate { get; init; }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(Resource())
            .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(Math.Clamp(options.Sample, 0, 1))))
            .AddSource(Tracing.SourceName, "Microsoft.AspNetCore", "System.Net.Http");
        if (IsPrivate is { } isPrivate)
        {
            // Before the exporters: processors are asked in the order in which they were added.
            builder.AddProcessor(new PrivateSpans(isPrivate));
        }

        if (options.Zipkin is { } zipkin)
        {
            var client = Client(new ExportHealth("Zipkin", zipkin, logger, time));
            builder.AddZipkinExporter(exporter => ConfigureZipkin(exporter, zipkin, client));
        }

        if (options.Otlp is { } otlp)
        {
            // One endpoint, one state of health; but a client each: an exporter that ends breaks off all its client does.
            var health = new ExportHealth("OTLP", otlp, logger, time);
            var (forSpans, forMetrics) = (Client(health), Client(health));
            builder.AddOtlpExporter(exporter => ConfigureOtlp(exporter, otlp, forSpans));
            meter = Sdk.CreateMeterProviderBuilder()
                .SetResourceBuilder(Resource())
                .AddMeter(Meters.Name)
                .AddOtlpExporter(exporter => ConfigureOtlp(exporter, MetricsEndpoint(otlp), forMetrics))
                .Build();
        }

        tracer = builder.Build();
        return Task.CompletedTask;
    }

    /// <summary>Sends what is waiting, for two seconds at most.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var limit = (int)ShutdownLimit.TotalMilliseconds;
        await Task.WhenAll(
            Task.Run(() => tracer?.Shutdown(limit), CancellationToken.None),
            Task.Run(() => meter?.Shutdown(limit), CancellationToken.None));
        CloseClients();
    }

    public void Dispose()
    {
        CloseClients();
        tracer?.Dispose();
        meter?.Dispose();
        foreach (var (client, _) in clients)
        {
            client.Dispose();
        }
    }

    /// <summary>An export still under way is broken off, so that its thread ends.</summary>
    private void CloseClients()
    {
        foreach (var (client, health) in clients)
        {
            health.Close();
            client.CancelPendingRequests();
        }
    }

    private HttpClient Client(ExportHealth health)
    {
        var client = ExportClient.Create(health);
        clients.Add((client, health));
        return client;
    }

    private ResourceBuilder Resource() => ResourceBuilder.CreateDefault().AddService(
        "athens",
        serviceVersion: typeof(TelemetryExport).Assembly
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion,
        autoGenerateServiceInstanceId: false,
        serviceInstanceId: nodeName);

    private static void ConfigureZipkin(ZipkinExporterOptions exporter, Uri endpoint, HttpClient client)
    {
        exporter.Endpoint = endpoint;
        exporter.HttpClientFactory = () => client;
        exporter.MaxPayloadSizeInBytes = PayloadLimit;
        exporter.ExportProcessorType = ExportProcessorType.Batch;
        Bound(exporter.BatchExportProcessorOptions);
    }

    private static void ConfigureOtlp(OtlpExporterOptions exporter, Uri endpoint, HttpClient client)
    {
        exporter.Endpoint = endpoint;
        exporter.Protocol = IsHttp(endpoint) ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        exporter.HttpClientFactory = () => client;
        exporter.TimeoutMilliseconds = (int)ExportClient.Timeout.TotalMilliseconds;
        exporter.ExportProcessorType = ExportProcessorType.Batch;
        Bound(exporter.BatchExportProcessorOptions);
    }

    private static void Bound(BatchExportProcessorOptions<System.Diagnostics.Activity> batch)
    {
        batch.MaxQueueSize = QueueLimit;
        batch.MaxExportBatchSize = BatchLimit;
        batch.ScheduledDelayMilliseconds = (int)BatchDelay.TotalMilliseconds;
        batch.ExporterTimeoutMilliseconds = (int)ExportClient.Timeout.TotalMilliseconds;
    }

    private static bool IsHttp(Uri endpoint) =>
        endpoint.AbsolutePath.EndsWith("/v1/traces", StringComparison.Ordinal)
        || endpoint.AbsolutePath.EndsWith("/v1/metrics", StringComparison.Ordinal);

    /// <summary>Over HTTP, metrics have a path of their own beside that of the traces; over gRPC a service of their own.</summary>
    private static Uri MetricsEndpoint(Uri traces) => !IsHttp(traces)
        ? traces
        : new UriBuilder(traces) { Path = traces.AbsolutePath[..^"traces".Length] + "metrics" }.Uri;
}
