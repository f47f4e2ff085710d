using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Provenance;

namespace Athens.Federation.Node.Federation;

/// <summary>Adds this room to the node.</summary>
internal static class FederationRegistration
{
    /// <summary>
    /// Peers as a source of module versions. Needs NodeKeys, IModuleStore and a TimeProvider from elsewhere. A node without
    /// peers runs it too: the list may be filled while it runs.
    /// </summary>
    /// <param name="services">The node's.</param>
    /// <param name="options">Checked.</param>
    /// <param name="peers">Whom the configuration names; followed while the node runs.</param>
    /// <param name="nodeName">What this node calls itself.</param>
    public static IServiceCollection AddFederation(
        this IServiceCollection services, FederationOptions options, PeerList peers, string nodeName)
    {
        services.AddSingleton(options);
        services.AddSingleton(peers);
        services.AddSingleton(new PrivateGate(options));
        services.AddSingleton(provider => new NodeCertificate(
            provider.GetRequiredService<NodeKeys>().Identity, provider.GetRequiredService<TimeProvider>()));
        return services.AddPeers(nodeName);
    }
}
