using System.Reflection;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Provenance.Trust;
using Athens.Federation.Node.Retrieval;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>Adds the peers that this node asks.</summary>
internal static class PeersRegistration
{
    /// <summary>
    /// Registers the <see cref="IPeerSource"/>, and the service that keeps peers connected. Needs, from elsewhere, FederationOptions,
    /// PeerList, NodeCertificate, PrivateGate, TrustDesk and <see cref="TransferModule"/>.
    /// </summary>
    public static IServiceCollection AddPeers(this IServiceCollection services, string nodeName)
    {
        services.AddSingleton(provider => new PeerDialer(
            provider.GetRequiredService<NodeCertificate>(),
            Hello(nodeName),
            LocalNetworks.Contains,
            provider.GetRequiredService<TimeProvider>(),
            new Random())
        {
            Hints = new AllHints([.. provider.GetServices<IPeerHints>()]),
        });
        services.AddSingleton(static provider => new NearPeers(
            provider.GetRequiredService<NodeCertificate>().Key, provider.GetRequiredService<PrivateGate>(), provider.GetRequiredService<FederationOptions>()));
        services.AddSingleton<PeerTable>();
        services.AddSingleton<PeerCalls>();
        services.AddSingleton<ILogTrust, LogTrust>();
        services.AddSingleton<RivalBoard>();
        services.AddSingleton(provider => new HolderSearch(
            provider.GetRequiredService<PeerCalls>(),
            provider.GetRequiredService<TrustDesk>(),
            provider.GetRequiredService<TimeProvider>(),
            Logger<HolderSearch>(provider)));
        services.AddSingleton(provider => new Election(
            provider.GetRequiredService<RivalBoard>(),
            provider.GetRequiredService<PeerTable>(),
            provider.GetRequiredService<HolderSearch>(),
            provider.GetRequiredService<FederationOptions>(),
            provider.GetRequiredService<TimeProvider>(),
            Logger<Election>(provider)));
        services.AddSingleton<PeerLists>();
        services.AddSingleton<IPeerSource, PeerSource>();
        return services.AddHostedService<PeersService>();
    }

    /// <summary>What this node says of itself, within the bounds of the proto.</summary>
    public static Wire.WhoAreYouRequest Hello(string nodeName)
    {
        string version = typeof(PeersRegistration).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion.Split('+')[0] ?? "";
        return new Wire.WhoAreYouRequest { Software = Fit($"athens {version}"), Name = Fit(nodeName) };
    }

    // Names are ASCII in practice; a longer one is cut so that no character takes it over the bound in UTF-8.
    private static string Fit(string text) =>
        System.Text.Encoding.UTF8.GetByteCount(text) <= PeerHello.MaxWords ? text : text[..Math.Min(text.Length, PeerHello.MaxWords / 4)];

    private static ILogger<T> Logger<T>(IServiceProvider provider) => provider.GetRequiredService<ILogger<T>>();
}
