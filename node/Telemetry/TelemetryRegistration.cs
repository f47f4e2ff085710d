using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Athens.Federation.Node.Telemetry;

/// <summary>Adds this room to the node.</summary>
internal static class TelemetryRegistration
{
    /// <summary>Exporters, when the options name any; otherwise nothing, so that no activity is ever recorded.</summary>
    /// <param name="services">The node's.</param>
    /// <param name="options">Checked.</param>
    /// <param name="nodeName">What this node calls itself.</param>
    /// <param name="isPrivate">See <see cref="TelemetryExport.IsPrivate"/>.</param>
    public static IServiceCollection AddTelemetry(
        this IServiceCollection services,
        TelemetryOptions options,
        string nodeName,
        Func<string, bool>? isPrivate)
    {
        services.TryAddSingleton(TimeProvider.System);
        if (options.Zipkin is null && options.Otlp is null)
        {
            return services;
        }

        // ASP.NET Core 10 puts method, path and status into its spans only when asked to; from 11 on it always does.
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);
        services.AddSingleton<IStartupFilter, RequestSpans>();
        return services.AddHostedService(provider => new TelemetryExport(
            options,
            nodeName,
            provider.GetRequiredService<ILoggerFactory>(),
            provider.GetRequiredService<TimeProvider>())
        {
            IsPrivate = isPrivate,
        });
    }

    /// <summary>
    /// Our log provider in place of all others. Lines go to standard output: what collects container logs reads both
    /// streams, but several (Google Cloud, Datadog) take every line of standard error for an error.
    /// </summary>
    public static ILoggingBuilder AddAthensLogging(this ILoggingBuilder logging, TelemetryOptions options) =>
        logging.AddAthensLogging(options, Console.OpenStandardOutput());

    /// <summary>The same onto another stream, which stays open.</summary>
    public static ILoggingBuilder AddAthensLogging(
        this ILoggingBuilder logging,
        TelemetryOptions options,
        Stream stream)
    {
        logging.ClearProviders();
        logging.Services.TryAddSingleton(TimeProvider.System);
        logging.Services.AddSingleton<ILoggerProvider>(provider => new AthensLoggerProvider(
            options.LogFormat,
            stream,
            provider.GetRequiredService<TimeProvider>()));
        var frameworkLevel = options.LogLevel > LogLevel.Warning ? options.LogLevel : LogLevel.Warning;
        return logging.SetMinimumLevel(options.LogLevel)
            .AddFilter("Microsoft", frameworkLevel)
            .AddFilter("System", frameworkLevel)
            // This category at any level makes ASP.NET Core begin an activity for every request, traced or not.
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
    }
}
