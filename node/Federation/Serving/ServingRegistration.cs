using Athens.Federation.Node.Federation.Incidents;
using Athens.Federation.Node.Federation.Logs;
using Athens.Federation.Node.Federation.Pools;
using Athens.Federation.Node.Federation.Witnessing;

namespace Athens.Federation.Node.Federation.Serving;

/// <summary>Adds the services that answer peers.</summary>
internal static class ServingRegistration
{
    /// <summary>Needs an <see cref="IHostApplicationLifetime"/> from elsewhere.</summary>
    /// <param name="services">The peer port's.</param>
    /// <param name="parts">The rest of the node.</param>
    public static void AddServing(this IServiceCollection services, PeerServingParts parts)
    {
        services.AddSingleton<ILogger>(parts.Loggers.CreateLogger<FederationService>());
        services.AddSingleton(parts.Options);
        services.AddSingleton(parts.Peers);
        services.AddSingleton(parts.Keys);
        services.AddSingleton(parts.Certificate);
        services.AddSingleton(parts.Store);
        services.AddSingleton(parts.Flights);
        services.AddSingleton(parts.Rivals);
        services.AddSingleton(parts.Gate ?? new PrivateGate(parts.Options));
        services.AddSingleton(_ => new EgressPacer(parts.Options.Egress, parts.Time));
        services.AddSingleton(_ => new Holdings(parts.Store, parts.Records, parts.Keys.Log, parts.Time));
        services.AddSingleton(parts.Guests ?? Guests.None(parts.Time));
        services.AddSingleton<RefusedConnections>();
        services.AddSingleton<PeerConnections>();
        services.AddSingleton<PeerLimits>();
        services.AddSingleton<HeldCount>();
        services.AddSingleton<PublicView>();
        services.AddSingleton<FrameSender>();
        services.AddSingleton<Departures>();
        services.AddSingleton<CallEntrance>();
        services.AddSingleton<VersionAnswers>();
        services.AddSingleton<FileAnswers>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<Introductions>(provider, parts.NodeName));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<Locator>(provider, parts.Certificate.Key));
        services.AddSingleton<FederationService>();
        if (parts.Logs is { } logs)
        {
            services.AddSingleton(logs);
            services.AddSingleton<RecordAnswers>();
            services.AddSingleton<HeadAnswers>();
            services.AddSingleton<RelayedHeads>();
            services.AddSingleton<LookupAnswers>();
            services.AddSingleton<LogFederation>();
        }

        if (parts.Incidents is { } incidents)
        {
            services.AddSingleton(incidents);
            services.AddSingleton<EvidenceAnswers>();
            services.AddSingleton<EvidenceFederation>();
        }

        if (parts.Witness is { } witness)
        {
            services.AddSingleton(witness);
            services.AddSingleton<WitnessFederation>();
        }

        if (parts.Pool is { } pool)
        {
            services.AddSingleton(pool.Book);
            services.AddSingleton(pool.Watchers);
            services.AddSingleton(pool.Intake);
            services.AddSingleton<PoolAnswers>();
            services.AddSingleton(_ => new JoinAnswers(pool.Book, pool.Key, parts.Loggers.CreateLogger<JoinAnswers>()));
            services.AddSingleton<PoolFederation>();
        }
    }
}
