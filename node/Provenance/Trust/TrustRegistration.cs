using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Provenance.Mirrors;
using Athens.Federation.Node.Provenance.PublicDatabases;

namespace Athens.Federation.Node.Provenance.Trust;

internal static class TrustRegistration
{
    /// <summary>
    /// Registers the <see cref="TrustDesk"/> and the <see cref="TrustInquiry"/>. Uses the <see cref="IRecordIndex"/> and the <see cref="VerifiedDatabase"/> that
    /// there are; needs <see cref="IIncidents"/>, NodeLog, NodeKeys, a TimeProvider and logging.
    /// </summary>
    /// <param name="services">The node's.</param>
    /// <param name="rules">Decide.</param>
    /// <param name="goesUpstream">Whether the checksum database may be asked, and not only what was kept of it.</param>
    public static IServiceCollection AddTrust(this IServiceCollection services, TrustRules rules, bool goesUpstream)
    {
        services.AddSingleton(provider => new PublicProofs(
            provider.GetService<VerifiedDatabase>(),
            provider.GetRequiredService<IIncidents>(),
            goesUpstream,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<PublicProofs>>()));
        services.AddSingleton<IncidentReports>();
        services.AddSingleton<TrustInquiry>();
        return services.AddSingleton(provider => new TrustDesk(
            rules,
            provider.GetService<IRecordIndex>(),
            provider.GetRequiredService<IIncidents>(),
            provider.GetRequiredService<PublicProofs>(),
            provider.GetRequiredService<IncidentReports>(),
            provider.GetRequiredService<ILogger<TrustDesk>>()));
    }
}
