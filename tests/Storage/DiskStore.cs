using Athens.Federation.Node.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Athens.Federation.Tests.Storage;

/// <summary>Opens disk stores as the tests want them.</summary>
internal static class DiskStore
{
    public static Task<DiskModuleStore> OpenAsync(string dataFolder, DiskStepReached? reached = null, long minFree = 0) =>
        DiskStoreOpening.OpenAsync(
            dataFolder,
            new DiskSettings(minFree, TimeProvider.System, NullLogger.Instance, reached),
            CancellationToken.None);
}
