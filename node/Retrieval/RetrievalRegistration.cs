using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Provenance.LogKeys;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Retrieval.Records;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Athens.Federation.Node.Retrieval;

/// <summary>Puts this room into the container.</summary>
internal static class RetrievalRegistration
{
    /// <summary>
    /// Adds <see cref="IModuleRetrieval"/>. Needs an <see cref="IModuleStore"/>, <see cref="ReceivedModules"/> and a TrustDesk; every <see cref="IModuleSource"/> in the
    /// container is asked in the order in which it was added, after the <see cref="IPeerSource"/> if there is one.
    /// </summary>
    /// <param name="services">The node's.</param>
    /// <param name="options">Checked.</param>
    /// <param name="privatePatterns">GOPRIVATE syntax: see <see cref="PrivatePaths"/>.</param>
    public static IServiceCollection AddRetrieval(this IServiceCollection services, RetrievalOptions options, string privatePatterns = "")
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton<ModuleSources>();
        services.AddSingleton<FlightBoard>();
        services.AddSingleton<ModuleRetrieval>();
        services.AddSingleton<IModuleRetrieval>(provider => new PrivatePaths(
            provider.GetRequiredService<ModuleRetrieval>(), privatePatterns, provider.GetRequiredService<ReceivedModules>()));
        return services;
    }

    /// <summary>
    /// Records of what is held: in the node's own log, which is served as a Go checksum database. Needs <see cref="AddRetrieval"/>, an
    /// <see cref="IModuleStore"/> and a NodeLog.
    /// </summary>
    /// <param name="services">The node's.</param>
    /// <param name="privatePatterns">GOPRIVATE syntax: whose records carry a salt.</param>
    public static IServiceCollection AddRecords(this IServiceCollection services, string privatePatterns)
    {
        services.AddSingleton(provider => new ModuleRecords(
            provider.GetRequiredService<IModuleStore>(), provider.GetRequiredService<NodeLog>(), privatePatterns, provider.GetRequiredService<ReceivedModules>()));
        services.AddSingleton<OwnChecksumDatabase>();
        services.AddSingleton<IChecksumDatabase>(static provider => provider.GetRequiredService<OwnChecksumDatabase>());
        return services.AddHostedService<RecordFeed>();
    }

    /// <summary>The own log also under the name that it had before its key was rotated. Needs <see cref="AddRecords"/>.</summary>
    public static IServiceCollection AddFormerLog(this IServiceCollection services, LogRotation rotation) => services.AddSingleton<IChecksumDatabase>(provider =>
    {
        NodeLog log = provider.GetRequiredService<NodeLog>();
        IIncidents incidents = provider.GetRequiredService<IIncidents>();
        return new FormerLogDatabase(
            provider.GetRequiredService<OwnChecksumDatabase>(),
            rotation,
            () => incidents.WhyQuarantined(rotation.From) is { } why ? $"{why}\n{FormerLogDatabase.Advice(rotation)}"
                : log.SignsAsFormer ? null
                : FormerLogDatabase.Advice(rotation));
    });
}
