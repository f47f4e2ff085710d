using Athens.Federation.Node.Cli.Admin;

namespace Athens.Federation.Node.Host.Admin;

/// <summary>Adds the admin socket to the node.</summary>
internal static class AdminRegistration
{
    /// <summary>Listens while the node runs and carries out every registered <see cref="IAdminVerb"/>.</summary>
    public static IServiceCollection AddAdmin(this IServiceCollection services, string dataFolder)
    {
        services.AddSingleton<IAdminVerb, IncidentListVerb>();
        services.AddSingleton<IAdminVerb, IncidentShowVerb>();
        services.AddSingleton<IAdminVerb, IncidentClearVerb>();
        services.AddSingleton<IAdminVerb, ProvenanceVerb>();
        services.AddSingleton<IAdminVerb, VerifyVerb>();
        services.AddSingleton<IAdminVerb, KeyRevokeVerb>();
        services.AddSingleton<AdminVerbs>();
        return services.AddHostedService(provider => ActivatorUtilities.CreateInstance<AdminFront>(provider, dataFolder));
    }
}
