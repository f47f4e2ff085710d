using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Provenance.LogKeys;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Mirrors;

/// <summary>
/// Another node's log, as far as it is mirrored here: the newest head of which everything is kept and proven, tiles of hashes, and the texts of records
/// that could be had. Thread safe; one pull at a time.
/// </summary>
internal sealed class Mirror : IReadableLog, IDisposable
{
    private readonly IMirrorStore store;
    private readonly IIncidents? incidents;
    private readonly ILogger logger;
    private readonly SemaphoreSlim pulling = new(1);
    private volatile SignedHead? head;
    private volatile string fault;
    private volatile FollowedLog? followed;
    private readonly Signal moved = new();

    private Mirror(IMirrorStore store, KeptMirror kept, NoteVerifier key, SignedHead? head, SignedHead? goal, IIncidents? incidents, ILogger logger)
    {
        this.store = store;
        this.incidents = incidents;
        this.logger = logger;
        this.head = head;
        Id = kept.Id;
        fault = kept.State.Fault;
        Key = key;
        Owner = kept.Owner;
        Size = kept.State.Size;
        Goal = goal;
        Tiles = new TilesOf(store, kept.Id);
    }

    /// <summary>In the store.</summary>
    public int Id { get; }

    /// <summary>What its heads are signed with.</summary>
    public NoteVerifier Key { get; }

    /// <summary>The identity key of the peer that keeps the log.</summary>
    public string Owner { get; }

    public string Name => Key.Name;

    /// <summary>Of its peer as the configuration has it; null while no peer has this log, and then nothing of it is used.</summary>
    public FollowedLog? Followed
    {
        get => followed;
        set => followed = value;
    }

    public SignedHead? Head => head;

    /// <summary>How the log went on under another key, once its node has said so; null before.</summary>
    public LogRotation? EndedBy { get; set; }

    /// <summary>Its node's word that the log had another key before; null when it is the first key, or nothing is known of that yet.</summary>
    public LogRotation? BegunBy { get; set; }

    /// <summary>Called when there is another head. Must not block.</summary>
    public Action<Mirror>? Grown { get; set; }

    /// <summary>Why it is not followed any more; empty when it is.</summary>
    public string Fault => fault;

    /// <summary>Followed, and not proven guilty.</summary>
    public bool IsUsed => followed is not null && fault.Length == 0;

    /// <summary>Completes when there is another head. Taken before the head is read, it misses nothing.</summary>
    public Task Moved => moved.Next;

    /// <summary>What is kept, with what is not shown yet. Of the pull.</summary>
    public long Size { get; private set; }

    /// <summary>The head that the mirror is on its way to. Of the pull.</summary>
    public SignedHead? Goal { get; private set; }

    public ILogTiles Tiles { get; }

    /// <summary>A mirror as it was left; null when what is kept is not of this key, with the reason.</summary>
    public static Mirror? Open(IMirrorStore store, KeptMirror kept, IIncidents? incidents, ILogger logger, out string? reason)
    {
        if (NoteVerifier.Parse(kept.Key, out reason) is not { } key)
        {
            return null;
        }

        var shown = kept.State.Head is { } storedHead ? SignedHead.Read(storedHead, key, out reason) : null;
        var next = reason is null && kept.State.Goal is { } storedGoal ? SignedHead.Read(storedGoal, key, out reason) : null;
        return reason is null ? new Mirror(store, kept, key, shown, next, incidents, logger) : null;
    }

    /// <summary>Brings the mirror up to a head that was met, and checks every step on the way.</summary>
    /// <param name="met">Signed by the log's key, in both forms.</param>
    /// <param name="source">Asked for what is lacking.</param>
    /// <param name="withVouched">Texts of vouched records are kept too.</param>
    /// <param name="cancellationToken">Ends the pull; what was proven stays.</param>
    /// <exception cref="IOException">The store cannot be used.</exception>
    public async Task<PullResult> PullAsync(SignedHead met, IMirrorSource source, bool withVouched, CancellationToken cancellationToken)
    {
        if (incidents?.UsableBelow(Key) is > 0 and var below && met.Tree.Size > below)
        {
            return new PullResult(PullEnd.Stopped, $"its key is revoked from record {below} on, and this head has {met.Tree.Size}");
        }

        await pulling.WaitAsync(cancellationToken);
        try
        {
            return await new MirrorPull(this, source, withVouched, logger).RunAsync(met, cancellationToken);
        }
        finally
        {
            pulling.Release();
        }
    }

    /// <summary>Keeps the text of a leaf that was mirrored by its hash alone; false when it is not that leaf's.</summary>
    public async Task<bool> FillAsync(LogRecord record, ModuleVersion module, CancellationToken cancellationToken)
    {
        await pulling.WaitAsync(cancellationToken);
        try
        {
            if (HashesAt(record.Index + 1) is not { } hashes
                || (await hashes.ReadAsync(new[] { TreeNode.StoredCount(record.Index) }, cancellationToken))[0] != record.LeafHash)
            {
                return false;
            }

            await store.CommitAsync(Id, new MirrorCommit([new NewText(record.Index, module, record.Text)], [], State(Size, head, Goal, fault)), cancellationToken);
            return true;
        }
        finally
        {
            pulling.Release();
        }
    }

    public async ValueTask<IReadOnlyList<MirrorLeaf>> LeavesAsync(long first, int count, CancellationToken cancellationToken)
    {
        var shown = (int)Math.Clamp((head?.Tree.Size ?? 0) - first, 0, count);
        if (shown == 0)
        {
            return [];
        }

        var texts = (await store.TextsAsync(Id, first, shown, cancellationToken)).ToDictionary(text => text.Number, text => text.Text);
        var hashes = new StoredHashes(Tiles, head!.Tree.Size);
        var leaves = new MirrorLeaf[shown];
        for (var i = 0; i < shown; i++)
        {
            leaves[i] = texts.TryGetValue(first + i, out var text)
                ? MirrorLeaf.OfText(text)
                : MirrorLeaf.OfHash((await hashes.ReadAsync(new[] { TreeNode.StoredCount(first + i) }, cancellationToken))[0]);
        }

        return leaves;
    }

    public IHashReader? HashesAt(long size) => size <= head?.Tree.Size ? new StoredHashes(Tiles, size) : null;

    /// <summary>The first record of a module version under the head; null when none is kept with its text.</summary>
    /// <exception cref="IOException">The store cannot be read.</exception>
    public async ValueTask<LogRecord?> FindAsync(ModuleVersion module, CancellationToken cancellationToken) =>
        (await store.FindAsync(module, cancellationToken))
            .Where(text => Shows(text) && MirrorPull.ParseRecord(text.Text, out _)?.Module == module)
            .OrderBy(text => text.Number)
            .Select(text => new LogRecord(text.Number, text.Text))
            .FirstOrDefault();

    /// <summary>A tile of hashes under the head; null when the head has no such tile.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> TileAsync(Tile tile, CancellationToken cancellationToken) =>
        head is { } shown && tile.IsWithin(shown.Tree.Size) ? (await new StoredHashes(Tiles, shown.Tree.Size).TileAsync(tile, cancellationToken)).Bytes : null;

    /// <summary>Whether a kept text is of this mirror and under its head.</summary>
    public bool Shows(KeptText text) => text.Log == Id && text.Number < head?.Tree.Size;

    public void Dispose() => pulling.Dispose();

    /// <summary>Stores a proven step. Of the pull.</summary>
    public async Task CommitAsync(IReadOnlyList<NewText> texts, IReadOnlyList<StoredTile> tiles, TreeHead grown, SignedHead goal)
    {
        var isThere = grown.Size == goal.Tree.Size;
        var (nextHead, nextGoal) = isThere ? (goal, null) : (head, goal);
        await store.CommitAsync(Id, new MirrorCommit(texts, tiles, State(grown.Size, nextHead, nextGoal, fault)), CancellationToken.None);
        (Size, Goal) = (grown.Size, nextGoal);
        if (isThere)
        {
            head = nextHead;
            moved.Tell();
            Grown?.Invoke(this);
        }
    }

    /// <summary>Stops following for good. Of the pull.</summary>
    public Task StopAsync(MirrorFork fork, string reason, CancellationToken cancellationToken) => StopAsync(fork.ToEvidence(), reason, cancellationToken);

    /// <summary>Stops following for good, between pulls.</summary>
    /// <param name="evidence">Null when it cannot be proven to others.</param>
    /// <param name="reason">For people.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task RefuseAsync(byte[]? evidence, string reason, CancellationToken cancellationToken)
    {
        await pulling.WaitAsync(cancellationToken);
        try
        {
            await StopAsync(evidence, reason, cancellationToken);
        }
        finally
        {
            pulling.Release();
        }
    }

    private async Task StopAsync(byte[]? evidence, string reason, CancellationToken cancellationToken)
    {
        logger.Forked(Name, followed?.Peer ?? Owner, reason);
        if (incidents is not null && evidence is not null)
        {
            await incidents.ReportAsync(evidence, cancellationToken);
        }

        await store.CommitAsync(Id, new MirrorCommit([], [], State(Size, head, Goal, reason)), cancellationToken);
        fault = reason;
    }

    private static MirrorState State(long size, SignedHead? head, SignedHead? goal, string fault) => new(size, head?.ToStored(), goal?.ToStored(), fault);

    private sealed class TilesOf(IMirrorStore store, int id) : ILogTiles
    {
        public ValueTask<ReadOnlyMemory<byte>?> TileAsync(int level, long index, CancellationToken cancellationToken) =>
            store.TileAsync(id, level, index, cancellationToken);
    }
}
