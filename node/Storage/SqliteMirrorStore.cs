using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.Mirrors;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Retrieval;
using Microsoft.Data.Sqlite;

namespace Athens.Federation.Node.Storage;

/// <summary>Mirrored logs in <c>&lt;data&gt;/mirrors.db</c>. Whoever opens it has the data folder's lock.</summary>
internal sealed class SqliteMirrorStore : IMirrorStore
{
    /// <summary>Bits of an id below the log: a leaf's number, or a tile's level and place.</summary>
    private const int LogShift = 40;

    private const int LevelShift = 36;

    private readonly StoreLayout layout;
    private readonly long minFree;
    private readonly SqliteConnection connection;
    private readonly SqliteReaders readers;
    private readonly SqliteCommand putText;
    private readonly SqliteCommand addFound;
    private readonly SqliteCommand putTile;
    private readonly SqliteCommand putState;

    /// <summary>One writer at a time.</summary>
    private readonly SemaphoreSlim gate = new(1);

    private SqliteMirrorStore(StoreLayout layout, long minFree, SqliteConnection connection)
    {
        this.layout = layout;
        this.minFree = minFree;
        this.connection = connection;
        readers = new SqliteReaders(() => SqliteFile.OpenReader(layout.MirrorDatabase), error => Failure(error, layout, "read mirrored logs"));
        putText = SqliteFile.Command(connection, MirrorSql.PutText);
        addFound = SqliteFile.Command(connection, MirrorSql.AddFound);
        putTile = SqliteFile.Command(connection, MirrorSql.PutTile);
        putState = SqliteFile.Command(connection, MirrorSql.PutState);
    }

    /// <summary>Made when missing. Touches the disk.</summary>
    /// <param name="layout">Of the data folder.</param>
    /// <param name="minFree">Bytes that must stay free; see <see cref="StorageOptions.MinFree"/>.</param>
    /// <exception cref="StoreFailedException">Damaged, made by a newer node, or not writable.</exception>
    public static SqliteMirrorStore Open(StoreLayout layout, long minFree)
    {
        try
        {
            return new SqliteMirrorStore(layout, minFree, SqliteFile.OpenWriter(layout.MirrorDatabase, MirrorSql.SchemaVersion, MirrorSql.CreateSchema));
        }
        catch (SqliteException error)
        {
            throw Failure(error, layout, "open mirrored logs");
        }
    }

    public async ValueTask<IReadOnlyList<KeptMirror>> LogsAsync(CancellationToken cancellationToken) =>
        await readers.ReadAsync(MirrorSql.Logs, _ => { }, ReadLog, cancellationToken);

    public async Task<KeptMirror> AddAsync(string key, string owner, CancellationToken cancellationToken)
    {
        await WriteAsync(
            () =>
            {
                using var add = SqliteFile.Command(connection, MirrorSql.AddLog);
                add.Set("$key", key);
                add.Set("$owner", owner);
                add.ExecuteNonQuery();
            },
            cancellationToken);
        return (await LogsAsync(cancellationToken)).First(log => log.Key == key);
    }

    public async ValueTask<ReadOnlyMemory<byte>?> TileAsync(int log, int level, long index, CancellationToken cancellationToken)
    {
        var found = await readers.ReadAsync(
            MirrorSql.Tile, command => command.Set("$id", IdOfTile(log, level, index)), row => row.GetFieldValue<byte[]>(0), cancellationToken);
        return found.Count == 0 ? (ReadOnlyMemory<byte>?)null : found[0];
    }

    public async ValueTask<IReadOnlyList<KeptText>> TextsAsync(int log, long first, int count, CancellationToken cancellationToken) =>
        await readers.ReadAsync(
            MirrorSql.Texts,
            command =>
            {
                command.Set("$first", IdOf(log, first));
                command.Set("$end", IdOf(log, first) + count);
            },
            row => new KeptText(log, row.GetInt64(0) - IdOf(log, 0), RecordPacking.Unpack(row.GetFieldValue<byte[]>(1))),
            cancellationToken);

    public async ValueTask<IReadOnlyList<KeptText>> FindAsync(ModuleVersion module, CancellationToken cancellationToken) =>
        await readers.ReadAsync(
            MirrorSql.Find,
            command => command.Set("$module", HashOf(module)),
            row => new KeptText(row.GetInt32(0), row.GetInt64(1), RecordPacking.Unpack(row.GetFieldValue<byte[]>(2))),
            cancellationToken);

    public Task CommitAsync(int log, MirrorCommit commit, CancellationToken cancellationToken) => WriteAsync(() => Write(log, commit), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await putText.DisposeAsync();
        await addFound.DisposeAsync();
        await putTile.DisposeAsync();
        await putState.DisposeAsync();
        readers.Dispose();
        await connection.DisposeAsync();
        gate.Dispose();
    }

    private async Task WriteAsync(Action statements, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            StoreFailures.RequireFree(layout, minFree);
            await DiskWork.RunAsync(() => SqliteFile.Transact(connection, statements), CancellationToken.None);
        }
        catch (Exception error) when (StoreFailures.IsExpected(error))
        {
            throw Failure(error, layout, "write mirrored logs");
        }
        finally
        {
            gate.Release();
        }
    }

    private void Write(int log, MirrorCommit commit)
    {
        foreach (var text in commit.Texts)
        {
            putText.Set("$id", IdOf(log, text.Number));
            putText.Set("$packed", RecordPacking.Pack(text.Text.Span));
            putText.ExecuteNonQuery();
        }

        // In the index's own order: thousands of new entries touch each of its pages once.
        addFound.Set("$log", log);
        foreach (var (module, number) in commit.Texts.Select(text => (HashOf(text.Module), text.Number)).Order())
        {
            addFound.Set("$module", module);
            addFound.Set("$number", number);
            addFound.ExecuteNonQuery();
        }

        foreach (var tile in commit.Tiles)
        {
            putTile.Set("$id", IdOfTile(log, tile.Level, tile.Index));
            putTile.Set("$hashes", tile.Hashes.ToArray());
            putTile.ExecuteNonQuery();
        }

        putState.Set("$log", log);
        putState.Set("$size", commit.State.Size);
        putState.Set("$fault", commit.State.Fault);
        Set("head", commit.State.Head);
        Set("goal", commit.State.Goal);
        putState.ExecuteNonQuery();
    }

    private void Set(string which, StoredHead? head)
    {
        putState.Set($"${which}_size", head is null ? DBNull.Value : head.Size);
        putState.Set($"${which}_latest", head is null ? DBNull.Value : head.Latest.ToArray());
        putState.Set($"${which}_checkpoint", head is null ? DBNull.Value : head.Checkpoint.ToArray());
    }

    private static KeptMirror ReadLog(SqliteDataReader row) => new(
        row.GetInt32(0), row.GetString(1), row.GetString(2), new MirrorState(row.GetInt64(3), ReadHead(row, 5), ReadHead(row, 8), row.GetString(4)));

    private static StoredHead? ReadHead(SqliteDataReader row, int first) => row.IsDBNull(first)
        ? null
        : new StoredHead(row.GetInt64(first), row.GetFieldValue<byte[]>(first + 1), row.GetFieldValue<byte[]>(first + 2));

    private static long IdOf(int log, long number) => ((long)log << LogShift) | number;

    private static long IdOfTile(int log, int level, long index) => ((long)log << LogShift) | ((long)level << LevelShift) | index;

    private static long HashOf(ModuleVersion module) => BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(module.ToString())));

    private static StoreFailedException Failure(Exception error, StoreLayout layout, string doing) => StoreFailures.From(
        error,
        layout,
        doing,
        $"Cannot {doing}: the database {layout.MirrorDatabase} is damaged. Stop the node and move the file away: it is filled again from the peers. "
            + "Keep the old one: it says what their logs have signed before.");
}
