using System.Threading.Channels;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.LogKeys;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.OwnLog;

/// <summary>
/// The log's one writer. Whatever waits when it comes round is hashed, signed and stored together, so that thousands of appends a second share
/// a few waits for the disk. A head is published after it is stored and marked, and only then do its callers go on; a batch that cannot be
/// stored leaves nothing behind.
/// </summary>
internal sealed class LogWriter : IAsyncDisposable
{
    /// <summary>Callers wait beyond this: at 10 KiB a record at most, 40 MiB.</summary>
    public const int MaxWaiting = 4096;

    /// <summary>Records in one batch: enough to make the share of the disk small, few enough to answer within some 50 ms.</summary>
    public const int MaxBatch = 1024;

    private readonly Channel<Pending> waiting = Channel.CreateBounded<Pending>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private readonly ILogStore store;
    private readonly LogSigner signer;
    private readonly HeadMark? mark;
    private readonly ILogger logger;
    private Task loop = Task.CompletedTask;
    private volatile SignedHead? head;
    private volatile SignedHead? cosigned;
    private volatile string? problem;
    private readonly Signal moved = new();

    // Of the loop alone. Null after a failure: what is stored has to be looked at again.
    private LogGrowth? growth;

    public LogWriter(ILogStore store, LogSigner signer, HeadMark? mark, ILogger logger)
    {
        this.store = store;
        this.signer = signer;
        this.mark = mark;
        this.logger = logger;
    }

    public SignedHead? Head => head;

    /// <summary>The newest head that has cosignatures; it may be an earlier one than <see cref="Head"/>.</summary>
    public SignedHead? Cosigned => cosigned;

    public string? Problem => problem;

    /// <summary>Completes when there is another head, or none any more. Taken before the head is read, it misses nothing.</summary>
    public Task Moved => moved.Next;

    /// <exception cref="IOException">The store cannot be used.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        await LookAsync(cancellationToken);
        if (growth is not null && (head is null || !signer.HasSigned(head)))
        {
            // A client may ask for the head of a log that has no record yet; and after a rotation the last head has the signature of the key before alone.
            await PublishAsync(growth, []);
        }

        loop = Task.Run(RunAsync, CancellationToken.None);
    }

    public async Task<AppendOutcome> AppendAsync(ModuleRecord record, ReadOnlyMemory<byte> chunks, CancellationToken cancellationToken)
    {
        // Checked and written here, on the caller's time: a record without both hash lines cannot be written at all.
        ReadOnlyMemory<byte> text = System.Text.Encoding.UTF8.GetBytes(record.ToText());
        if (!LogRecord.IsValidText(text.Span))
        {
            throw new InvalidOperationException($"The record of {record.Module} cannot stand in a log.");
        }

        if (problem is { } why)
        {
            throw new LogRefusedException(why);
        }

        var pending = new Pending(record, text, chunks);
        await QueueAsync(pending, cancellationToken);
        return await pending.Done.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Compares a head that this log's key signed and somebody else has. Signing stops when it is of another history, or of one that this log has lost.</summary>
    public async Task CompareAsync(TreeHead seen, CancellationToken cancellationToken)
    {
        if (problem is null && head?.Tree != seen)
        {
            var pending = new Pending(seen);
            await QueueAsync(pending, cancellationToken);
            await pending.Done.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Shows a head with cosignatures in place of the same without. One caller at a time.</summary>
    public void Show(SignedHead withCosignatures)
    {
        if (problem is not null || cosigned?.Tree.Size > withCosignatures.Tree.Size)
        {
            return;
        }

        cosigned = withCosignatures;
        if (head is { } shown && shown.Tree == withCosignatures.Tree)
        {
            // The loop may just have published a newer one.
            Interlocked.CompareExchange(ref head, withCosignatures, shown);
        }

        Move();
    }

    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete();
        await loop;
        mark?.Dispose();
    }

    private async Task QueueAsync(Pending pending, CancellationToken cancellationToken)
    {
        try
        {
            await waiting.Writer.WriteAsync(pending, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new LogRefusedException("The log is closed: the node is stopping.");
        }
    }

    private async Task RunAsync()
    {
        var batch = new List<Pending>(MaxBatch);
        while (await waiting.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < MaxBatch && waiting.Reader.TryRead(out var pending))
            {
                batch.Add(pending);
            }

            try
            {
                await WriteAsync(batch);
            }
            catch (Exception error)
            {
                growth = null;
                logger.BatchFailed(batch.Count, error.Message);
                Fail(batch, error);
            }
        }
    }

    private async Task WriteAsync(List<Pending> batch)
    {
        if (growth is null && problem is null)
        {
            await LookAsync(CancellationToken.None);
        }

        foreach (var pending in batch.Where(pending => pending.Seen is not null))
        {
            await CompareAsync(pending.Seen!.Value);
            pending.Done.SetResult(default);
        }

        batch.RemoveAll(pending => pending.Seen is not null);
        if (growth is null)
        {
            Fail(batch, new LogRefusedException(problem!));
            return;
        }

        var draft = growth.Copy();
        var records = new List<NewRecord>(batch.Count);
        var drafted = new Dictionary<ModuleVersion, AppendOutcome>();
        foreach (var pending in batch)
        {
            pending.Outcome = drafted.TryGetValue(pending.Record.Module, out var before)
                ? AppendOutcome.Meet(pending.Record, before.Number, before.Record)
                : drafted[pending.Record.Module] = await DraftAsync(pending, draft, records);
        }

        if (records.Count > 0)
        {
            await PublishAsync(draft, records);
        }

        foreach (var pending in batch)
        {
            pending.Done.SetResult(pending.Outcome);
        }
    }

    private async ValueTask<AppendOutcome> DraftAsync(Pending pending, LogGrowth draft, List<NewRecord> records)
    {
        if (await store.FindAsync(pending.Record.Module, CancellationToken.None) is { } found)
        {
            var there = ModuleRecord.Parse(System.Text.Encoding.UTF8.GetString(found.Text.Span), out var reason)
                ?? throw new LogDamagedException($"the record {found.Number} cannot be read: {reason}");
            return AppendOutcome.Meet(pending.Record, found.Number, there);
        }

        var number = draft.Head.Size;
        draft.Append(MerkleTree.LeafHash(pending.Text.Span));
        records.Add(new NewRecord(number, pending.Record.Module, pending.Text, pending.Chunks));
        return new AppendOutcome(AppendKind.Appended, number, pending.Record);
    }

    private async Task PublishAsync(LogGrowth grown, List<NewRecord> records)
    {
        var signed = signer.Sign(grown.Head);
        await store.CommitAsync(new LogCommit(records, grown.TakeTiles(), signed.ToStored()), CancellationToken.None);
        await MarkAsync(signed.Tree);
        growth = grown;
        head = signed;
        Move();
    }

    private async Task CompareAsync(TreeHead seen)
    {
        if (head is { } own && await LogStart.CompareAsync(store, own.Tree, seen, CancellationToken.None) is { } what)
        {
            if (mark is not null)
            {
                // Into both of its places: the next start believes the greater one.
                await MarkAsync(seen);
                await MarkAsync(seen);
            }

            Stop(what);
        }
    }

    private void Stop(string what)
    {
        problem = $"Nothing is signed by the log {signer.Key.Name}: {what}. 'athens log recover' says what can be done.";
        growth = null;
        head = null;
        cosigned = null;
        logger.SigningStopped(signer.Key.Name, what);
        Move();
    }

    private void Move() => moved.Tell();

    /// <summary>What is stored may be ahead of what was published: of a commit that was reported as failed, or that a crash followed.</summary>
    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var found = await LogStart.LookAsync(store, signer.Key.Verifier, signer.Rotation, mark?.Last, cancellationToken);
        if (found.Problem is { } what)
        {
            Stop(what);
            return;
        }

        if (found.Head is { } there && mark is not null && mark.Last != there.Tree)
        {
            await MarkAsync(there.Tree);
        }

        growth = found.Growth;
        head = found.Head ?? head;
    }

    // On a thread of its own: the thread pool has as many threads as cores, and this waits for the disk.
    private Task MarkAsync(TreeHead tree) => mark is null
        ? Task.CompletedTask
        : Task.Factory.StartNew(
            () => mark.Write(tree), CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    private static void Fail(List<Pending> batch, Exception error)
    {
        foreach (var pending in batch)
        {
            pending.Done.TrySetException(error);
            _ = pending.Done.Task.Exception;
        }
    }

    /// <summary>A record to be appended, or a head to be compared.</summary>
    private sealed class Pending(ModuleRecord record, ReadOnlyMemory<byte> text, ReadOnlyMemory<byte> chunks)
    {
        public Pending(TreeHead seen)
            : this(null!, default, default) => Seen = seen;

        public TreeHead? Seen { get; }

        public ModuleRecord Record => record;

        public ReadOnlyMemory<byte> Text => text;

        public ReadOnlyMemory<byte> Chunks => chunks;

        public AppendOutcome Outcome { get; set; }

        public TaskCompletionSource<AppendOutcome> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
