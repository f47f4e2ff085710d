using OpenTelemetry.Exporter;

namespace OpenTelemetry.Trace;

/// <summary>Adds the Zipkin exporter to a tracer provider.</summary>
public static class ZipkinExporterHelperExtensions
{
    /// <summary>Exports every recorded span to Zipkin.</summary>
    public static TracerProviderBuilder AddZipkinExporter(
        this TracerProviderBuilder builder,
        Action<ZipkinExporterOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        return builder.AddProcessor(_ =>
        {
            var options = new ZipkinExporterOptions();
            configure(options);
            return Processor(options);
        });
    }

    private static BaseProcessor<System.Diagnostics.Activity> Processor(ZipkinExporterOptions options)
    {
        // The processor owns the exporter and disposes it.
#pragma warning disable CA2000
        var exporter = new ZipkinExporter(options);
#pragma warning restore CA2000
        if (options.ExportProcessorType == ExportProcessorType.Simple)
        {
            return new SimpleActivityExportProcessor(exporter);
        }

        var batch = options.BatchExportProcessorOptions;
        return new BatchActivityExportProcessor(
            exporter,
            batch.MaxQueueSize,
            batch.ScheduledDelayMilliseconds,
            batch.ExporterTimeoutMilliseconds,
            batch.MaxExportBatchSize);
    }
}
