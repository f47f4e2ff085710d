using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Provenance.Mirrors;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Provenance.PublicDatabases;
using Athens.Federation.Node.Provenance.Witnessing;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Storage;

internal static class StorageRegistration
{
    /// <summary>
    /// Registers the store, the log's and the incidents' as singletons, opened when it is first needed, at the latest when the host starts (so that
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
        services.AddSingleton<IIncidentStore>(provider =>
        {
            _ = provider.GetRequiredService<IOpenModuleStore>();
            return options.Kind == StorageKind.Memory ? new MemoryIncidentStore() : IncidentStore.Open(new StoreLayout(dataFolder));
        });
        services.AddSingleton<IMirrorStore>(provider =>
        {
            _ = provider.GetRequiredService<IOpenModuleStore>();
            return options.Kind == StorageKind.Memory ? new MemoryMirrorStore() : SqliteMirrorStore.Open(new StoreLayout(dataFolder), options.MinFree);
        });
        if (options.Kind != StorageKind.Memory)
        {
            services.AddSingleton<IWitnessStore>(provider =>
            {
                _ = provider.GetRequiredService<IOpenModuleStore>();
                return WitnessStore.Open(new StoreLayout(dataFolder));
            });
        }

        services.AddHostedService<StoreOpening>();
        return services;
    }

    /// <summary>
    /// Registers what is kept of one checksum database of others, opened when it is first needed. With <see cref="AddStorage"/>, whose lock keeps
    /// other processes out of the folder.
    /// </summary>
    /// <param name="services">The node's.</param>
    /// <param name="options">Says where things are kept.</param>
    /// <param name="dataFolder">Has <c>sumdb.db</c>.</param>
    /// <param name="key">The database's verifier key.</param>
    public static IServiceCollection AddDatabaseArchive(this IServiceCollection services, StorageOptions options, string dataFolder, string key) =>
        options.Kind == StorageKind.Memory
            ? services.AddSingleton<IDatabaseArchive, MemoryDatabaseArchive>()
            : services.AddSingleton<IDatabaseArchive>(provider =>
            {
                _ = provider.GetRequiredService<IModuleStore>();
                return DatabaseArchive.Open(new StoreLayout(dataFolder), options.MinFree, key);
            });

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
