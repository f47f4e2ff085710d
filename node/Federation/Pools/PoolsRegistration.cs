using Athens.Federation.Node.Discovery.Resolving;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Pool;

namespace Athens.Federation.Node.Federation.Pools;

/// <summary>Adds the pool to the node's peers.</summary>
internal static class PoolsRegistration
{
    /// <param name="services">The node's.</param>
    /// <param name="options">Checked.</param>
    /// <param name="dataFolder">The node's.</param>
    /// <param name="isKept">False for a node that keeps nothing: its pool ends with the process.</param>
    /// <param name="nodeName">What this node calls itself.</param>
    public static IServiceCollection AddPools(this IServiceCollection services, FederationOptions options, string dataFolder, bool isKept, string nodeName)
    {
        services.AddSingleton(provider => PoolBook.Open(
            isKept ? Path.Combine(dataFolder, "pool") : null, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<PoolBook>>()));
        services.AddSingleton(new OrgKey(dataFolder));
        services.AddSingleton(new OwnEndpoints(options.Endpoint, OwnEndpoints.OfThisMachine));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<OwnStatement>(provider, nodeName));
        services.AddSingleton<JoinAttempt>();
        services.AddSingleton(static provider => new NamespaceProof(provider.GetRequiredService<NameLookup>()));
        services.AddSingleton<IPeerHints, PoolHints>();
        services.AddSingleton<PoolWatchers>();
        services.AddSingleton<PoolIntake>();
        services.AddSingleton<PoolServingParts>();
        services.AddSingleton(provider => new Guests(
            () => provider.GetRequiredService<PoolBook>().HasOpenInvitations, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<PoolJoining>(provider, dataFolder));
        services.AddSingleton<StatementRenewal>();

        // First of all: who is a peer is known before anybody is dialled or let in.
        services.AddHostedService<PoolMembership>();
        services.AddHostedService<PoolFollowing>();
        services.AddHostedService(provider => provider.GetRequiredService<PoolJoining>());
        return services.AddHostedService(provider => provider.GetRequiredService<StatementRenewal>());
    }
}
