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
        services.AddSingleton<IAdminVerb, PeersVerb>();
        services.AddSingleton<IAdminVerb, PeersPinVerb>();
        services.AddSingleton<IAdminVerb, PeersUnpinVerb>();
        services.AddSingleton<IAdminVerb, KeyRevokeVerb>();
        services.AddSingleton<PoolDesk>();
        services.AddSingleton<IAdminVerb, PoolCreateVerb>();
        services.AddSingleton<IAdminVerb, PoolInviteVerb>();
        services.AddSingleton<IAdminVerb, PoolJoinVerb>();
        services.AddSingleton<IAdminVerb, PoolShowVerb>();
        services.AddSingleton<IAdminVerb, PoolMembersVerb>();
        services.AddSingleton<IAdminVerb, PoolApproveVerb>();
        services.AddSingleton<IAdminVerb, PoolRemoveVerb>();
        services.AddSingleton<IAdminVerb, PoolSetVerb>();
        services.AddSingleton<IAdminVerb, PoolRenewVerb>();
        services.AddSingleton<IAdminVerb, PoolRotateKeyVerb>();
        services.AddSingleton<IAdminVerb, PoolWithdrawVerb>();
        services.AddSingleton<IAdminVerb, PoolChangeFileVerb>();
        services.AddSingleton<IAdminVerb, PoolStatementVerb>();
        services.AddSingleton<IAdminVerb, PoolNamespaceVerb>();
        services.AddSingleton<IAdminVerb, PoolAcceptVerb>();
        services.AddSingleton<IAdminVerb, PoolLeaveVerb>();
        services.AddSingleton<AdminVerbs>();
        return services.AddHostedService(provider => ActivatorUtilities.CreateInstance<AdminFront>(provider, dataFolder));
    }
}
