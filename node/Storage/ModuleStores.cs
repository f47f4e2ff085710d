using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Storage;

/// <summary>Opens the store that the options name.</summary>
internal static class ModuleStores
{
    private const string LogCategory = "Athens.Federation.Node.Storage";

    /// <summary>
    /// Opens a store and puts right what a crash left in it. Everything in <c>tmp/</c> of the data folder is removed.
    /// </summary>
    /// <exception cref="StoreFailedException">In use by another process, damaged, or not writable; the message says what to do.</exception>
    public static async Task<IOpenModuleStore> OpenAsync(
        StorageOptions options, string dataFolder, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var logger = loggers.CreateLogger(LogCategory);
        return options.Kind == StorageKind.Memory
            ? new MemoryModuleStore(options.MemoryLimit, time, logger)
            : await DiskStoreOpening.OpenAsync(
                dataFolder, new DiskSettings(options.MinFree, time, logger), cancellationToken);
    }
}
