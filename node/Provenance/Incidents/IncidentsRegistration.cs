namespace Athens.Federation.Node.Provenance.Incidents;

/// <summary>Adds incidents to the node.</summary>
internal static class IncidentsRegistration
{
    /// <summary>An <see cref="IncidentBook"/>, opened when it is first needed. Needs an <see cref="IIncidentStore"/>, an <see cref="ILogTrust"/> and a TimeProvider.</summary>
    /// <param name="services">The node's.</param>
    /// <param name="dataFolder">Where evidence is written; null for a node that keeps nothing.</param>
    public static IServiceCollection AddIncidents(this IServiceCollection services, string? dataFolder)
    {
        services.AddSingleton(provider => Task.Run(() => IncidentBook.OpenAsync(
            provider.GetRequiredService<IIncidentStore>(),
            provider.GetRequiredService<ILogTrust>(),
            new EvidenceFolder(dataFolder),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<IncidentBook>>())).GetAwaiter().GetResult());
        services.AddSingleton<IIncidents>(provider => provider.GetRequiredService<IncidentBook>());
        return services.AddHostedService<Opening>();
    }

    /// <summary>Resolving the book opens it: what is in quarantine is known before anybody asks, and a damaged store stops the start.</summary>
    private sealed class Opening(IncidentBook book) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            _ = book;
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
