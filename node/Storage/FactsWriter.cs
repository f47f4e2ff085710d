using System.Threading.Channels;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Microsoft.Data.Sqlite;

namespace Athens.Federation.Node.Storage;

/// <summary>
/// The one writer of athens.db. Whatever is waiting when it comes round goes into one transaction: a storm of
/// admissions costs a few disk syncs, not one each. A returned task means durable.
/// </summary>
internal sealed class FactsWriter : IAsyncDisposable
{
    /// <summary>Callers wait beyond this: admissions are slower than that anyway.</summary>
    private const int MaxWaiting = 1024;

    /// <summary>Statements in one transaction: enough to make the sync's share small, few enough to answer soon.</summary>
    private const int MaxBatch = 256;

    private readonly Channel<Change> waiting =
        Channel.CreateBounded<Change>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });

    private readonly SqliteConnection connection;
    private readonly TimeProvider time;
    private readonly SqliteCommand begin;
    private readonly SqliteCommand put;
    private readonly SqliteCommand end;
    private readonly Task loop;
    private long lastStoredAt;

    public FactsWriter(SqliteConnection connection, TimeProvider time)
    {
        this.connection = connection;
        this.time = time;
        begin = SqliteFile.Command(connection, StoreSql.Begin);
        put = SqliteFile.Command(connection, StoreSql.Put);
        end = SqliteFile.Command(connection, StoreSql.End);
        lastStoredAt = SqliteFile.Scalar(connection, StoreSql.LastStoredAt);
        loop = Task.Run(RunAsync);
    }

    /// <summary>Notes, before the first file is placed, that an admission has begun.</summary>
    public Task BeginAsync(ModuleVersion module, CancellationToken cancellationToken) =>
        ApplyAsync(new Change(ChangeKind.Begin, module, null), cancellationToken);

    /// <summary>Stores new facts and gives them back with <c>StoredAt</c>: later than all before, whole microseconds.</summary>
    public async Task<ModuleFacts> AddAsync(ModuleFacts facts, CancellationToken cancellationToken) =>
        (await ApplyAsync(new Change(ChangeKind.Add, facts.Module, facts), cancellationToken))!;

    /// <summary>Stores facts whose digests changed with a restored file; <c>StoredAt</c> stays.</summary>
    public Task UpdateAsync(ModuleFacts facts, CancellationToken cancellationToken) =>
        ApplyAsync(new Change(ChangeKind.Update, facts.Module, facts), cancellationToken);

    /// <summary>Notes that nothing of an admission is left to do.</summary>
    public Task EndAsync(ModuleVersion module, CancellationToken cancellationToken) =>
        ApplyAsync(new Change(ChangeKind.End, module, null), cancellationToken);

    /// <summary>As <see cref="EndAsync"/> without waiting; when it is lost, the next start does the same again.</summary>
    public void EndSoon(ModuleVersion module) => waiting.Writer.TryWrite(new Change(ChangeKind.End, module, null));

    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete();
        await loop;
        await begin.DisposeAsync();
        await put.DisposeAsync();
        await end.DisposeAsync();
        await connection.DisposeAsync();
    }

    private async Task<ModuleFacts?> ApplyAsync(Change change, CancellationToken cancellationToken)
    {
        try
        {
            await waiting.Writer.WriteAsync(change, cancellationToken);
        }
        catch (ChannelClosedException error)
        {
            throw new StoreFailedException("The store is closed: the node is stopping.", error);
        }

        return await change.Done.Task;
    }

    private async Task RunAsync()
    {
        var batch = new List<Change>(MaxBatch);
        while (await waiting.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < MaxBatch && waiting.Reader.TryRead(out var change))
            {
                batch.Add(change);
            }

            await DiskWork.RunAsync(() => Commit(batch), CancellationToken.None);
        }
    }

    private void Commit(List<Change> batch)
    {
        var before = lastStoredAt;
        try
        {
            SqliteFile.Transact(connection, () =>
            {
                foreach (var change in batch)
                {
                    Execute(change);
                }
            });
            foreach (var change in batch)
            {
                change.Done.SetResult(change.Facts);
            }
        }
        catch (Exception error)
        {
            // None of the batch is in the database; each caller removes its files and reports.
            lastStoredAt = before;
            foreach (var change in batch)
            {
                change.Done.SetException(error);
                _ = change.Done.Task.Exception;
            }
        }
    }

    private void Execute(Change change)
    {
        if (change.Kind == ChangeKind.Add)
        {
            var now = FactsRow.ToMicroseconds(time.GetUtcNow());
            lastStoredAt = Math.Max(now, lastStoredAt + 1);
            change.Facts = change.Facts! with { StoredAt = FactsRow.FromMicroseconds(lastStoredAt) };
        }

        var command = change.Kind switch
        {
            ChangeKind.Begin => begin,
            ChangeKind.End => end,
            _ => put,
        };
        if (change.Facts is null)
        {
            FactsRow.Bind(command, change.Module);
        }
        else
        {
            FactsRow.Bind(command, change.Facts);
        }

        command.ExecuteNonQuery();
    }

    private enum ChangeKind
    {
        Begin,
        Add,
        Update,
        End,
    }

    private sealed class Change(ChangeKind kind, ModuleVersion module, ModuleFacts? facts)
    {
        public ChangeKind Kind { get; } = kind;

        public ModuleVersion Module { get; } = module;

        public ModuleFacts? Facts { get; set; } = facts;

        public TaskCompletionSource<ModuleFacts?> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
