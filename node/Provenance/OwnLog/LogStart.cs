using Athens.Federation.Node.Provenance.LogKeys;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.OwnLog;

/// <summary>
/// Looks at a stored log before anything is signed on from it: the head's signatures, the tree's right edge, the newest records against their
/// hashes, and the mark of what was signed before. Sound: there is a head. Otherwise a sentence for the operator.
/// </summary>
internal sealed class LogStart
{
    private readonly ILogStore store;
    private readonly NoteVerifier log;
    private readonly LogRotation? rotation;
    private readonly TreeHead? marked;

    private LogStart(ILogStore store, NoteVerifier log, LogRotation? rotation, TreeHead? marked)
    {
        this.store = store;
        this.log = log;
        this.rotation = rotation;
        this.marked = marked;
    }

    /// <param name="Head">Null for a log that has none yet, or may not be signed on.</param>
    /// <param name="Growth">Where it goes on; null when it does not.</param>
    /// <param name="Problem">Why it may not be signed on; null when it may.</param>
    internal sealed record Finding(SignedHead? Head, LogGrowth? Growth, string? Problem);

    /// <exception cref="IOException">The store cannot be read.</exception>
    public static async Task<Finding> LookAsync(
        ILogStore store, NoteVerifier log, LogRotation? rotation, TreeHead? marked, CancellationToken cancellationToken)
    {
        try
        {
            return await new LogStart(store, log, rotation, marked).LookAsync(cancellationToken);
        }
        catch (LogDamagedException error)
        {
            return new Finding(null, null, "it is damaged: " + error.Message);
        }
    }

    private async Task<Finding> LookAsync(CancellationToken cancellationToken)
    {
        var stored = await store.HeadAsync(cancellationToken);
        var count = await store.CountAsync(cancellationToken);
        if (stored is null)
        {
            return count > 0 ? Refused($"it has {count} records and no signed head")
                : marked is { Size: > 0 } ? Refused($"it is empty, but a head of {marked.Value.Size} records was signed before: it was removed, or put back from an old backup")
                : new Finding(null, await LogGrowth.ReadAsync(0, store, cancellationToken), null);
        }

        if (SignedHead.Read(stored, log, out var reason) is not { } head && (head = ReadFormer(stored)) is null)
        {
            return Refused(reason!);
        }

        if (head.Tree.Size != count)
        {
            return Refused($"its head is of {head.Tree.Size} records, and there are {count}");
        }

        var growth = await LogGrowth.ReadAsync(count, store, cancellationToken);
        return growth.Head != head.Tree ? Refused("its tiles do not give the root that was signed")
            : await FindWrongRecordAsync(count, cancellationToken) is { } number ? Refused($"the record {number} is not the one that was signed")
            : marked is { } mark && await CompareAsync(store, head.Tree, mark, cancellationToken) is { } problem ? Refused(problem)
            : new Finding(head, growth, null);
    }

    /// <summary>The head under which the key before the rotation ended, and no other of its heads: whoever stole that key may have signed those.</summary>
    private SignedHead? ReadFormer(StoredHead stored) =>
        rotation is not null && SignedHead.Read(stored, rotation.From, out _) is { } former && former.Tree == rotation.At ? former : null;

    /// <summary>Records of the last tile: those are what an interrupted or partly restored database would have wrong.</summary>
    private async Task<long?> FindWrongRecordAsync(long size, CancellationToken cancellationToken)
    {
        if (size == 0)
        {
            return null;
        }

        var tile = Tile.Find(0, (size - 1) >> Tile.Height, size)!.Value;
        var hashes = await new StoredHashes(store, size).TileAsync(tile, cancellationToken);
        var records = await store.RecordsAsync(tile.First.Index, tile.Width, cancellationToken);
        for (var i = 0; i < tile.Width; i++)
        {
            if (i == records.Count || MerkleTree.LeafHash(records[i].Span) != hashes.HashOf(tile.First with { Index = tile.First.Index + i }))
            {
                return tile.First.Index + i;
            }
        }

        return null;
    }

    /// <summary>What is wrong with the log if this head is one that it signed; null when it is one of its history.</summary>
    /// <param name="store">Of the log.</param>
    /// <param name="head">The log's own, which its tiles give.</param>
    /// <param name="signed">The other one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="LogDamagedException">A tile is missing or too short.</exception>
    public static async Task<string?> CompareAsync(ILogTiles store, TreeHead head, TreeHead signed, CancellationToken cancellationToken)
    {
        if (signed.Size == 0)
        {
            return null;
        }

        if (signed.Size > head.Size)
        {
            return $"it has {head.Size} records, but a head of {signed.Size} was signed: it was put back from an old backup";
        }

        // A crash after the commit leaves the mark behind; then what it saw must be where this log comes from.
        var then = await RightEdge.ReadAsync(signed.Size, new StoredHashes(store, head.Size), cancellationToken);
        return then.Root == signed.Root ? null : $"its first {signed.Size} records are not those whose head was signed: it is another history of the same log";
    }

    private static Finding Refused(string problem) => new(null, null, problem);
}
