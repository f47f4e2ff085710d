using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Retrieval;
using Microsoft.Data.Sqlite;

namespace Athens.Federation.Node.Storage;

/// <summary>The node's own log in <c>&lt;data&gt;/log.db</c>. Whoever opens it has the data folder's lock.</summary>
internal sealed class SqliteLogStore : ILogStore
{
    /// <summary>Bits of a tile's id below its level.</summary>
    private const int IndexBits = 56;

    private readonly StoreLayout layout;
    private readonly SqliteConnection connection;
    private readonly SqliteReaders readers;
    private readonly SqliteCommand addRecord;
    private readonly SqliteCommand putTile;
    private readonly SqliteCommand putHead;

    private SqliteLogStore(StoreLayout layout, SqliteConnection connection)
    {
        this.layout = layout;
        this.connection = connection;
        readers = new SqliteReaders(() => SqliteFile.OpenReader(layout.LogDatabase), error => Failure(error, layout, "read the log"));
        addRecord = SqliteFile.Command(connection, LogSql.AddRecord);
        putTile = SqliteFile.Command(connection, LogSql.PutTile);
        putHead = SqliteFile.Command(connection, LogSql.PutHead);
    }

    /// <summary>Made when missing. Touches the disk.</summary>
    /// <exception cref="StoreFailedException">Damaged, made by a newer node, or not writable.</exception>
    public static SqliteLogStore Open(StoreLayout layout)
    {
        try
        {
            return new SqliteLogStore(layout, SqliteFile.OpenWriter(layout.LogDatabase, LogSql.SchemaVersion, LogSql.CreateSchema));
        }
        catch (SqliteException error)
        {
            throw Failure(error, layout, "open the log");
        }
    }

    public async ValueTask<StoredHead?> HeadAsync(CancellationToken cancellationToken) =>
        (await readers.ReadAsync(LogSql.Head, _ => { }, row => new StoredHead(row.GetInt64(0), Blob(row, 1), Blob(row, 2)), cancellationToken)).FirstOrDefault();

    public async ValueTask<long> CountAsync(CancellationToken cancellationToken) =>
        (await readers.ReadAsync(LogSql.Count, _ => { }, row => row.GetInt64(0), cancellationToken))[0];

    public async ValueTask<StoredRecord?> FindAsync(ModuleVersion module, CancellationToken cancellationToken) =>
        (await readers.ReadAsync(LogSql.Find, command => FactsRow.Bind(command, module), ReadRecord, cancellationToken)).FirstOrDefault();

    public async ValueTask<IReadOnlyList<ReadOnlyMemory<byte>>> RecordsAsync(long first, int count, CancellationToken cancellationToken)
    {
        var found = await readers.ReadAsync(
            LogSql.Records,
            command =>
            {
                command.Set("$first", first);
                command.Set("$count", count);
            },
            row => (Number: row.GetInt64(0), Text: Blob(row, 1)),
            cancellationToken);
        return [.. found.TakeWhile((record, i) => record.Number == first + i).Select(record => record.Text)];
    }

    public async ValueTask<ReadOnlyMemory<byte>?> TileAsync(int level, long index, CancellationToken cancellationToken)
    {
        var found = await readers.ReadAsync(LogSql.Tile, command => command.Set("$id", IdOf(level, index)), row => Blob(row, 0), cancellationToken);
        return found.Count == 0 ? (ReadOnlyMemory<byte>?)null : found[0];
    }

    public Task CommitAsync(LogCommit commit, CancellationToken cancellationToken) => DiskWork.RunAsync(() => Commit(commit), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await addRecord.DisposeAsync();
        await putTile.DisposeAsync();
        await putHead.DisposeAsync();
        readers.Dispose();
        await connection.DisposeAsync();
    }

    private void Commit(LogCommit commit)
    {
        try
        {
            SqliteFile.Transact(connection, () => Write(commit));
        }
        catch (SqliteException error)
        {
            throw Failure(error, layout, "append to the log");
        }
    }

    private void Write(LogCommit commit)
    {
        foreach (var record in commit.Records)
        {
            FactsRow.Bind(addRecord, record.Module);
            addRecord.Set("$number", record.Number);
            addRecord.Set("$text", record.Text.ToArray());
            addRecord.Set("$chunks", record.Chunks.ToArray());
            addRecord.ExecuteNonQuery();
        }

        foreach (var tile in commit.Tiles)
        {
            putTile.Set("$id", IdOf(tile.Level, tile.Index));
            putTile.Set("$hashes", tile.Hashes.ToArray());
            putTile.ExecuteNonQuery();
        }

        putHead.Set("$size", commit.Head.Size);
        putHead.Set("$latest", commit.Head.Latest.ToArray());
        putHead.Set("$checkpoint", commit.Head.Checkpoint.ToArray());
        putHead.ExecuteNonQuery();
    }

    private static long IdOf(int level, long index) => ((long)level << IndexBits) | index;

    private static StoredRecord ReadRecord(SqliteDataReader row) => new(row.GetInt64(0), Blob(row, 1), Blob(row, 2));

    private static ReadOnlyMemory<byte> Blob(SqliteDataReader row, int column) => row.GetFieldValue<byte[]>(column);

    private static StoreFailedException Failure(Exception error, StoreLayout layout, string doing) => StoreFailures.From(
        error,
        layout,
        doing,
        $"Cannot {doing}: the database {layout.LogDatabase} is damaged. Stop the node and put the newest log.db back, or run 'athens log recover'.");
}
