using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Provenance.PublicDatabases;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Upstream.ChecksumDatabases;

internal static class ChecksumDatabaseRegistration
{
    /// <summary>
    /// Registers the checksum database of <c>[upstream] sumdb</c> as an <see cref="IChecksumDatabase"/>. Needs an <see cref="IDatabaseArchive"/>,
    /// <see cref="ReceivedModules"/>, a TimeProvider and logging.
    /// </summary>
    /// <param name="services">The node's.</param>
    /// <param name="database">Which.</param>
    /// <param name="options">Checked.</param>
    /// <param name="dataFolder">Gets evidence.</param>
    public static IServiceCollection AddChecksumDatabase(
        this IServiceCollection services, DatabaseIdentity database, UpstreamOptions options, string dataFolder)
    {
        services.AddSingleton<IDatabaseSource>(provider => options.IsOff
            ? new NoDatabaseSource()
            : new HttpDatabaseSource(database.Address, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new VerifiedDatabase(
            database,
            provider.GetRequiredService<IDatabaseSource>(),
            provider.GetRequiredService<IDatabaseArchive>(),
            new DatabaseEvidence(dataFolder),
            new PrefixPatterns(options.NeverLookedUp),
            provider.GetRequiredService<ILogger<VerifiedDatabase>>())
        {
            Incidents = provider.GetService<IIncidents>(),
            Received = provider.GetRequiredService<ReceivedModules>(),
        });
        return services.AddSingleton<IChecksumDatabase, PassedOnDatabase>();
    }
}
