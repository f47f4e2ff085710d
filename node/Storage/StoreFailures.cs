using Athens.Federation.Node.Retrieval;
using Microsoft.Data.Sqlite;

namespace Athens.Federation.Node.Storage;

/// <summary>Turns what the file system and SQLite report into sentences that tell an operator what to do.</summary>
internal static class StoreFailures
{
    private const int AccessDenied = 13;
    private const int NoSpaceLeft = 28;
    private const int ReadOnlyFileSystem = 30;
    private const int QuotaExceeded = 122;

    /// <summary>SQLite reports a full disk as a plain I/O error from some calls; below this much free space it is one.</summary>
    private const long AsGoodAsFull = 1 << 20;

    public static bool IsExpected(Exception error) =>
        error is IOException or UnauthorizedAccessException or SqliteException;

    /// <param name="error">What was thrown.</param>
    /// <param name="layout">Of the store it happened in.</param>
    /// <param name="doing">A verb: open, stage, store, read.</param>
    /// <param name="whenDamaged">The sentence for a damaged database, where it is not the store's own.</param>
    public static StoreFailedException From(Exception error, StoreLayout layout, string doing, string? whenDamaged = null)
    {
        if (error is StoreFailedException already)
        {
            return already;
        }

        return Classify(error, layout) switch
        {
            Failure.NoSpace => new StoreFailedException(
                $"Cannot {doing}: the disk of {layout.Root} is full (or a quota is reached). Free some space or move the "
                + "data folder to a bigger disk; what is stored stays available.",
                error)
            { NoSpace = true },
            Failure.ReadOnly => new StoreFailedException(
                $"Cannot {doing}: {layout.Root} cannot be written to. Make the folder writable for the user that runs "
                + $"athens, or remount its file system read-write. ({error.Message})",
                error),
            Failure.Corrupt => new StoreFailedException(
                whenDamaged ?? $"Cannot {doing}: the database {layout.Database} is damaged. Stop the node and run 'athens store rebuild': "
                + "it keeps the damaged file and makes a new database from the stored files.",
                error),
            _ => new StoreFailedException($"Cannot {doing} in {layout.Root}: {error.Message}", error),
        };
    }

    public static bool IsCorrupt(Exception error) =>
        error is SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_CORRUPT or SQLitePCL.raw.SQLITE_NOTADB };

    /// <exception cref="StoreFailedException">Less than <paramref name="least"/> bytes would stay free.</exception>
    public static void RequireFree(StoreLayout layout, long least)
    {
        var free = new DriveInfo(layout.Root).AvailableFreeSpace;
        if (free < least)
        {
            throw new StoreFailedException(
                $"Only {free >> 20} MiB are free on the disk of {layout.Root}, less than [storage] min_free = "
                + $"{least >> 20} MiB. Free some space; what is stored stays available.",
                null)
            { NoSpace = true };
        }
    }

    private static Failure Classify(Exception error, StoreLayout layout) => error switch
    {
        SqliteException sqlite => sqlite.SqliteErrorCode switch
        {
            SQLitePCL.raw.SQLITE_FULL => Failure.NoSpace,
            SQLitePCL.raw.SQLITE_READONLY or SQLitePCL.raw.SQLITE_CANTOPEN or SQLitePCL.raw.SQLITE_PERM => Failure.ReadOnly,
            SQLitePCL.raw.SQLITE_CORRUPT or SQLitePCL.raw.SQLITE_NOTADB => Failure.Corrupt,
            SQLitePCL.raw.SQLITE_IOERR when IsAlmostFull(layout) => Failure.NoSpace,
            _ => Failure.Other,
        },
        UnauthorizedAccessException => Failure.ReadOnly,
        IOException { HResult: NoSpaceLeft or QuotaExceeded } => Failure.NoSpace,
        IOException { HResult: ReadOnlyFileSystem or AccessDenied } => Failure.ReadOnly,
        _ => Failure.Other,
    };

    private static bool IsAlmostFull(StoreLayout layout)
    {
        try
        {
            return new DriveInfo(layout.Root).AvailableFreeSpace < AsGoodAsFull;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private enum Failure
    {
        Other,
        NoSpace,
        ReadOnly,
        Corrupt,
    }
}
