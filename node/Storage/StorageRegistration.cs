using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Storage;

internal static class StorageRegistration
{
    /// <summary>
    /// Registers the store and the log's store as singletons, opened when it is first needed, at the latest when the host starts (so that
    /// a folder in use or a damaged database stops the start), and closed with the container. The host registers
    /// <see cref="TimeProvider"/> and logging.
    /// </summary>
    public static IServiceCollection AddStorage(this IServiceCollection services, StorageOptions options, string dataFolder)
    {
        // Opening is the one place where waiting is right: there is nothing to serve before it, and no
        // synchronization context that the wait could block.
        services.AddSingleton<IOpenModuleStore>(provider => Task.Run(() => ModuleStores.OpenAsync(
            options,
            dataFolder,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>(),
            CancellationToken.None)).GetAwaiter().GetResult());
        services.AddSingleton<IModuleStore>(provider => provider.GetRequiredService<IOpenModuleStore>());
        services.AddSingleton<ILogStore>(provider =>
        {
            // The store has the data folder's lock.
            _ = provider.GetRequiredService<IOpenModuleStore>();
            return options.Kind == StorageKind.Memory ? new MemoryLogStore() : SqliteLogStore.Open(new StoreLayout(dataFolder));
        });
        services.AddHostedService<StoreOpening>();
        return services;
    }

    /// <summary>Resolving the store opens it.</summary>
    private sealed class StoreOpening(IModuleStore store) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            _ = store;
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
