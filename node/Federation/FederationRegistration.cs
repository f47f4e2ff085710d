using Athens.Federation.Node.Federation.Fetching;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Incidents;
using Athens.Federation.Node.Federation.Logs;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Federation.Pools;
using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Node.Federation.Witnessing;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Provenance.Witnessing;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Retrieval.Records;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Athens.Federation.Node.Federation;

/// <summary>Adds this room to the node.</summary>
internal static class FederationRegistration
{
    /// <summary>
    /// Peers as a source of module versions. Needs NodeKeys, IModuleStore, ReceivedModules, TrustDesk and a TimeProvider from elsewhere. A node without
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
        services.AddSingleton(provider => new PrivateGate(options, provider.GetRequiredService<ReceivedModules>()));
        services.AddSingleton(provider => new NodeCertificate(
            provider.GetRequiredService<NodeKeys>().Identity, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IHolderStreams, PeerStreams>();
        services.AddSingleton<ModuleTransfer>();
        services.AddSingleton<TransferModule>(provider => ActivatorUtilities.CreateInstance<ReceivingTransfer>(
            provider, (TransferModule)provider.GetRequiredService<ModuleTransfer>().RunAsync).RunAsync);
        services.AddHostedService<EvidenceFollowing>();
        services.AddHostedService<CosignatureCollector>();
        services.AddSingleton<KnownWitnesses>();
        services.AddSingleton<ForkSearch>();
        return services.AddPeers(nodeName).AddLogs();
    }

    /// <summary>The port that peers connect to. Needs <see cref="AddFederation"/>, FlightBoard and ModuleRecords.</summary>
    /// <param name="services">The node's.</param>
    /// <param name="bind">Says Kestrel where to listen.</param>
    /// <param name="nodeName">What this node calls itself.</param>
    public static IServiceCollection AddPeerListener(
        this IServiceCollection services, Action<KestrelServerOptions> bind, string nodeName) =>
        services.AddSingleton(provider => new PeerFront(ServingParts(provider, nodeName), bind))
            .AddHostedService(static provider => provider.GetRequiredService<PeerFront>());

    /// <summary>What answers peers, out of the node's container.</summary>
    public static PeerServingParts ServingParts(IServiceProvider provider, string nodeName) => new()
    {
        Options = provider.GetRequiredService<FederationOptions>(),
        NodeName = nodeName,
        Keys = provider.GetRequiredService<NodeKeys>(),
        Certificate = provider.GetRequiredService<NodeCertificate>(),
        Peers = provider.GetRequiredService<PeerList>(),
        Store = provider.GetRequiredService<IModuleStore>(),
        Records = provider.GetRequiredService<ModuleRecords>(),
        Flights = provider.GetRequiredService<FlightBoard>(),
        Rivals = provider.GetRequiredService<RivalBoard>(),
        Logs = provider.GetRequiredService<ServedLogs>(),
        Incidents = provider.GetRequiredService<IncidentBook>(),
        Witness = provider.GetService<Witness>() is { } witness ? new WitnessDesk(witness, provider.GetRequiredService<PeerTable>(), provider.GetRequiredService<ForkSearch>()) : null,
        Guests = provider.GetRequiredService<Guests>(),
        Pool = provider.GetRequiredService<PoolServingParts>(),
        Endpoints = provider.GetRequiredService<OwnEndpoints>(),
        Gate = provider.GetRequiredService<PrivateGate>(),
        Time = provider.GetRequiredService<TimeProvider>(),
        Loggers = provider.GetRequiredService<ILoggerFactory>(),
    };
}
