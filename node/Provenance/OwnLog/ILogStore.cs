using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Provenance.OwnLog;

/// <summary>
/// Where the node's own log lies: records by number, tiles of hashes as they are served, the newest signed head. Knows nothing of what they
/// mean. One writer, any number of readers; what was committed is never changed, save that a tile grows and the head is replaced.
/// </summary>
/// <remarks>Every method throws an <see cref="IOException"/> that tells an operator what to do when the store cannot be used.</remarks>
internal interface ILogStore : ILogTiles, IAsyncDisposable
{
    /// <summary>The head of the last commit; null before the first.</summary>
    ValueTask<StoredHead?> HeadAsync(CancellationToken cancellationToken);

    /// <summary>How many records there are: from 0 on, without gaps.</summary>
    ValueTask<long> CountAsync(CancellationToken cancellationToken);

    /// <summary>The record of a module version, or null.</summary>
    ValueTask<StoredRecord?> FindAsync(ModuleVersion module, CancellationToken cancellationToken);

    /// <summary>The texts of consecutive records; fewer than asked for when there are no more.</summary>
    ValueTask<IReadOnlyList<ReadOnlyMemory<byte>>> RecordsAsync(long first, int count, CancellationToken cancellationToken);

    /// <summary>
    /// Stores all of it or nothing, durably before it returns. When it throws, either may be the case: ask for the head again.
    /// </summary>
    Task CommitAsync(LogCommit commit, CancellationToken cancellationToken);
}

/// <summary>One step of a log's growth.</summary>
/// <param name="Records">New ones, in order of their numbers; the first follows the last that is stored.</param>
/// <param name="Tiles">New ones, and those that became wider.</param>
/// <param name="Head">Of the log with these records.</param>
internal sealed record LogCommit(IReadOnlyList<NewRecord> Records, IReadOnlyList<StoredTile> Tiles, StoredHead Head);

/// <param name="Number">From 0 on.</param>
/// <param name="Module">What the record is found by; no two records have the same.</param>
/// <param name="Text">UTF-8.</param>
/// <param name="Chunks">The list that the record's chunk root is of, for peers; empty when the zip is not cut. No part of the leaf.</param>
internal sealed record NewRecord(long Number, ModuleVersion Module, ReadOnlyMemory<byte> Text, ReadOnlyMemory<byte> Chunks);

/// <param name="Number">From 0 on.</param>
/// <param name="Text">UTF-8.</param>
/// <param name="Chunks">See <see cref="NewRecord"/>. To be checked against the record's chunk root before use.</param>
internal sealed record StoredRecord(long Number, ReadOnlyMemory<byte> Text, ReadOnlyMemory<byte> Chunks);

/// <param name="Level">0 to 7.</param>
/// <param name="Index">From 0 on.</param>
/// <param name="Hashes">1 to 256 of 32 bytes each.</param>
internal sealed record StoredTile(int Level, long Index, ReadOnlyMemory<byte> Hashes);

/// <param name="Size">Records.</param>
/// <param name="Latest">The signed note for Go's clients.</param>
/// <param name="Checkpoint">The signed note for peers and witnesses.</param>
internal sealed record StoredHead(long Size, ReadOnlyMemory<byte> Latest, ReadOnlyMemory<byte> Checkpoint);
