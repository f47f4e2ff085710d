using System.Net;
using Athens.Federation.Node.Discovery.Resolving;

namespace Athens.Federation.Node.Discovery;

/// <summary>Adds this room to the node.</summary>
internal static class DiscoveryRegistration
{
    /// <summary>
    /// <see cref="INeighbourhood"/>, <see cref="PublishedNodes"/> and <see cref="PoolTag"/>, the services behind them where <paramref name="options"/> want it, and
    /// <see cref="NameLookup"/>. To be added after what listens for peers. Needs a TimeProvider from elsewhere.
    /// </summary>
    /// <param name="services">The node's.</param>
    /// <param name="options">Checked.</param>
    /// <param name="key">This node's identity key, 32 bytes.</param>
    /// <param name="reached">Where peers connect to, once the node listens; null when it does not.</param>
    public static IServiceCollection AddDiscovery(
        this IServiceCollection services, DiscoveryOptions options, ReadOnlyMemory<byte> key, Func<IServiceProvider, IPEndPoint?> reached)
    {
        services.AddSingleton(options);
        services.AddSingleton<PoolTag>();
        services.AddSingleton(provider => new NameLookup(new NameServers(options.Resolver), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<PublishedNodes>(provider, options.Srv));
        services.AddHostedService(static provider => provider.GetRequiredService<PublishedNodes>());
        if (!options.Mdns)
        {
            return services.AddSingleton<INeighbourhood, NoNeighbourhood>();
        }

        services.AddSingleton(provider => new LanDiscovery(
            key,
            () => reached(provider),
            provider.GetRequiredService<PoolTag>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<LanDiscovery>>()));
        services.AddSingleton<INeighbourhood>(static provider => provider.GetRequiredService<LanDiscovery>());
        return services.AddHostedService(static provider => provider.GetRequiredService<LanDiscovery>());
    }
}
