using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Provenance.Mirrors;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Federation.Logs;

/// <summary>Adds the logs of other nodes: following, finding records in them, and serving them.</summary>
internal static class LogsRegistration
{
    /// <summary>Needs the peers, NodeLog, IMirrorStore and IChecksumDatabase of the own log; takes IIncidents when there is one.</summary>
    public static IServiceCollection AddLogs(this IServiceCollection services)
    {
        services.AddMirrors();
        services.AddSingleton<LogFollowing>();
        services.AddHostedService(static provider => provider.GetRequiredService<LogFollowing>());
        services.AddHostedService<RelayFollowing>();
        services.AddSingleton(static provider =>
        {
            NodeLog own = provider.GetRequiredService<NodeLog>();
            return new ServedLogs(
                own,
                provider.GetRequiredService<MirrorSet>(),
                provider.GetServices<IChecksumDatabase>().First(database => database.Name == own.Name));
        });
        return services.AddSingleton<IChecksumDatabaseSet>(static provider => new MirroredDatabases(
            provider.GetRequiredService<MirrorSet>(),
            provider.GetRequiredService<NodeLog>(),
            provider.GetRequiredService<PeerTable>(),
            provider.GetRequiredService<PeerCalls>(),
            provider.GetService<IIncidents>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<MirroredDatabases>>()));
    }
}
