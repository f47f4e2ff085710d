using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Storage;

/// <summary>What the store tells its operator.</summary>
internal static partial class StorageLog
{
    [LoggerMessage(EventIds.Storage + 12, LogLevel.Information,
        "Store opened in {Folder}: {Modules} module versions, SQLite {Sqlite}.")]
    public static partial void Opened(this ILogger logger, string folder, long modules, string sqlite);

    [LoggerMessage(EventIds.Storage + 1, LogLevel.Information,
        "After an unclean stop: {Finished} admissions were finished, {Removed} half-done ones removed.")]
    public static partial void Recovered(this ILogger logger, int finished, int removed);

    [LoggerMessage(EventIds.Storage + 2, LogLevel.Error,
        "The {Kind} file of {Module} no longer has the bytes that were stored. It was moved to {Evidence} and is fetched "
        + "again when next asked for. Check the disk; 'athens store verify' checks every other file.")]
    public static partial void Damaged(this ILogger logger, ModuleFileKind kind, ModuleVersion module, string evidence);

    [LoggerMessage(EventIds.Storage + 3, LogLevel.Error,
        "The {Kind} file of {Module} is missing at {Path}. It is fetched again when next asked for; nobody but athens "
        + "should change the data folder.")]
    public static partial void Missing(this ILogger logger, ModuleFileKind kind, ModuleVersion module, string path);

    [LoggerMessage(EventIds.Storage + 4, LogLevel.Error,
        "The damaged file {Path} could not be moved away. It is not served; make the data folder writable.")]
    public static partial void CannotSetAside(this ILogger logger, string path, Exception error);

    [LoggerMessage(EventIds.Storage + 5, LogLevel.Warning,
        "The list of {Path} could not be written. Only GOPROXY=file:// readers miss the new version; it is written at "
        + "the next start.")]
    public static partial void ListNotWritten(this ILogger logger, string path, Exception error);

    [LoggerMessage(EventIds.Storage + 6, LogLevel.Warning,
        "{Folder} holds files, but its database is new and empty. Stop the node and run 'athens store rebuild' to keep "
        + "what is there; until then modules are fetched again.")]
    public static partial void FilesWithoutFacts(this ILogger logger, string folder);

    [LoggerMessage(EventIds.Storage + 7, LogLevel.Warning,
        "Files of a failed admission of {Module} could not be removed. They are not served and go at the next start.")]
    public static partial void CannotRemove(this ILogger logger, ModuleVersion module, Exception error);

    [LoggerMessage(EventIds.Storage + 8, LogLevel.Warning, "{Path} could not be removed; it goes at the next start.")]
    public static partial void LitterStays(this ILogger logger, string path, Exception error);

    [LoggerMessage(EventIds.Storage + 9, LogLevel.Information, "{Module} was restored from a new fetch of the same hashes.")]
    public static partial void Restored(this ILogger logger, ModuleVersion module);

    [LoggerMessage(EventIds.Storage + 10, LogLevel.Error,
        "{Module} was refused: the hashes of these bytes differ from those held since {StoredAt}. The module version was "
        + "changed at its source, or somebody tampers with it.")]
    public static partial void Conflicting(this ILogger logger, ModuleVersion module, DateTimeOffset storedAt);

    [LoggerMessage(EventIds.Storage + 11, LogLevel.Warning,
        "The memory store is open: everything it holds is gone when this process ends.")]
    public static partial void MemoryOnly(this ILogger logger);
}
