using Athens.Federation.Node.Federation.Peers;

namespace Athens.Federation.Node.Federation.Neighbours;

/// <summary>Adds neighbours on the LAN and in DNS, and the peers that a person pins.</summary>
internal static class NeighboursRegistration
{
    /// <summary>Needs the peers, <see cref="Discovery.INeighbourhood"/> and <see cref="Discovery.PublishedNodes"/> from elsewhere.</summary>
    /// <param name="services">The node's.</param>
    /// <param name="dataFolder">Where pins are kept.</param>
    /// <param name="words">How a person pins one.</param>
    /// <param name="withStrangers">Whether those that nobody trusts may give bytes.</param>
    public static IServiceCollection AddNeighbours(this IServiceCollection services, string dataFolder, PinWords words, bool withStrangers)
    {
        if (withStrangers)
        {
            services.AddHostedService<FoundPeers>();
        }

        services.AddSingleton(words);
        services.AddSingleton<PublishedNeighbours>();
        services.AddSingleton<AllNeighbours>();
        services.AddSingleton<IPeerHints>(static provider => new LanHints(provider.GetRequiredService<AllNeighbours>()));
        services.AddSingleton<SeenNeighbours>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<Pins>(provider, dataFolder));
        services.AddHostedService<PublishedWatch>();
        return services.AddHostedService(static provider => ActivatorUtilities.CreateInstance<NeighbourWatch>(provider, provider.GetRequiredService<AllNeighbours>()));
    }
}
