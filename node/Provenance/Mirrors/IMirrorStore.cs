using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.OwnLog;

namespace Athens.Federation.Node.Provenance.Mirrors;

/// <summary>
/// Where mirrored logs lie. Knows nothing of what they mean: that what is kept is proven, and how much of it may be shown, is for <see cref="Mirror"/>.
/// One writer for each log, any number of readers.
/// </summary>
/// <remarks>Every method throws an <see cref="IOException"/> that tells an operator what to do when the store cannot be used.</remarks>
internal interface IMirrorStore : IAsyncDisposable
{
    /// <summary>Leaves of the largest log that can be kept.</summary>
    const long MaxSize = 1L << 32;

    /// <summary>All logs that are kept.</summary>
    ValueTask<IReadOnlyList<KeptMirror>> LogsAsync(CancellationToken cancellationToken);

    /// <summary>Makes room for a log. The same key twice gives the same log.</summary>
    /// <param name="key">The log's verifier key.</param>
    /// <param name="owner">The identity key of the peer that keeps it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<KeptMirror> AddAsync(string key, string owner, CancellationToken cancellationToken);

    /// <summary>The hashes of a tile, as many as are kept; null when there are none.</summary>
    ValueTask<ReadOnlyMemory<byte>?> TileAsync(int log, int level, long index, CancellationToken cancellationToken);

    /// <summary>The texts among consecutive leaves, in order.</summary>
    ValueTask<IReadOnlyList<KeptText>> TextsAsync(int log, long first, int count, CancellationToken cancellationToken);

    /// <summary>
    /// Leaves that may be of a module version, in all logs: at most <see cref="IRecordIndex.MaxFromOneLog"/> of one, the first ones. Their texts decide.
    /// </summary>
    ValueTask<IReadOnlyList<KeptText>> FindAsync(ModuleVersion module, CancellationToken cancellationToken);

    /// <summary>Stores all of it or nothing, durably before it returns.</summary>
    Task CommitAsync(int log, MirrorCommit commit, CancellationToken cancellationToken);
}

/// <param name="Id">Of this store, from 1 on.</param>
/// <param name="Key">The log's verifier key.</param>
/// <param name="Owner">The identity key of the peer that keeps it.</param>
/// <param name="State">As it was committed last.</param>
internal sealed record KeptMirror(int Id, string Key, string Owner, MirrorState State);

/// <summary>How far a mirror is.</summary>
/// <param name="Size">Leaves that are kept, all of them proven to be of <paramref name="Goal"/>'s tree, or of <paramref name="Head"/>'s when there is no goal.</param>
/// <param name="Head">The newest head under which everything is kept: what may be shown. Null before there is one.</param>
/// <param name="Goal">A newer head, signed, on the way to which the mirror is; null when it has arrived.</param>
/// <param name="Fault">Why the log is not followed any more; empty when it is.</param>
internal sealed record MirrorState(long Size, StoredHead? Head, StoredHead? Goal, string Fault)
{
    public static MirrorState New { get; } = new(0, null, null, "");
}

/// <summary>One step of a mirror's growth.</summary>
/// <param name="Texts">Of leaves; those without one have their hash in the tiles alone.</param>
/// <param name="Tiles">New ones, and those that became wider.</param>
/// <param name="State">After this.</param>
internal sealed record MirrorCommit(IReadOnlyList<NewText> Texts, IReadOnlyList<StoredTile> Tiles, MirrorState State);

/// <param name="Number">From 0 on.</param>
/// <param name="Module">What it is found by.</param>
/// <param name="Text">UTF-8.</param>
internal sealed record NewText(long Number, ModuleVersion Module, ReadOnlyMemory<byte> Text);

/// <param name="Log">The <see cref="KeptMirror.Id"/>.</param>
/// <param name="Number">From 0 on.</param>
/// <param name="Text">UTF-8.</param>
internal sealed record KeptText(int Log, long Number, ReadOnlyMemory<byte> Text);
