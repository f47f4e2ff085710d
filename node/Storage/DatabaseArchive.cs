using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.PublicDatabases;
using Athens.Federation.Node.Retrieval;
using Microsoft.Data.Sqlite;

namespace Athens.Federation.Node.Storage;

/// <summary>
/// One checksum database's archive in <c>sumdb.db</c>. A file of its own beside athens.db: what is in it can be fetched again, save for the memory of
/// what the database has signed.
/// </summary>
internal sealed class DatabaseArchive : IDatabaseArchive, IDisposable
{
    private readonly StoreLayout layout;
    private readonly long minFree;
    private readonly SqliteConnection writer;
    private readonly SqliteReaders readers;
    private readonly long source;

    /// <summary>One writer at a time.</summary>
    private readonly SemaphoreSlim gate = new(1);

    private DatabaseArchive(StoreLayout layout, long minFree, SqliteConnection writer, long source)
    {
        this.layout = layout;
        this.minFree = minFree;
        this.writer = writer;
        this.source = source;
        readers = new SqliteReaders(() => SqliteFile.OpenReader(layout.SumDb), error => Failed(error, layout, "read"));
    }

    /// <param name="layout">Of the data folder.</param>
    /// <param name="minFree">Bytes that must stay free; see <see cref="StorageOptions.MinFree"/>.</param>
    /// <param name="key">The database's verifier key.</param>
    /// <exception cref="StoreFailedException">Damaged, made by a newer node, or not writable.</exception>
    public static DatabaseArchive Open(StoreLayout layout, long minFree, string key)
    {
        SqliteConnection? connection = null;
        try
        {
            Directory.CreateDirectory(layout.Root);
            connection = SqliteFile.OpenWriter(layout.SumDb, ArchiveSql.SchemaVersion, ArchiveSql.CreateSchema);
            using var add = SqliteFile.Command(connection, ArchiveSql.AddSource);
            add.Parameters.AddWithValue("$key", key);
            add.ExecuteNonQuery();
            using var find = SqliteFile.Command(connection, ArchiveSql.SourceOf);
            find.Parameters.AddWithValue("$key", key);
            return new DatabaseArchive(layout, minFree, connection, (long)find.ExecuteScalar()!);
        }
        catch (Exception error) when (StoreFailures.IsExpected(error))
        {
            connection?.Dispose();
            throw Failed(error, layout, "open");
        }
    }

    public async ValueTask<byte[]?> HeadAsync(CancellationToken cancellationToken)
    {
        var found = await readers.ReadAsync(ArchiveSql.Head, Bind, row => row.GetFieldValue<byte[]>(0), cancellationToken);
        return found.FirstOrDefault();
    }

    public async ValueTask<KeptRecord?> FindAsync(ModuleVersion module, CancellationToken cancellationToken)
    {
        var found = await readers.ReadAsync(
            ArchiveSql.Record,
            command =>
            {
                Bind(command);
                Bind(command, module);
            },
            row => new KeptRecord(module, row.GetInt64(0), row.GetFieldValue<byte[]>(1), row.GetFieldValue<byte[]>(2)),
            cancellationToken);
        return found.FirstOrDefault();
    }

    public async ValueTask<IReadOnlyList<byte[]?>> TilesAsync(IReadOnlyList<TilePlace> places, CancellationToken cancellationToken)
    {
        var tiles = new byte[]?[places.Count];
        for (var i = 0; i < tiles.Length; i++)
        {
            var place = places[i];
            var found = await readers.ReadAsync(
                ArchiveSql.Tile,
                command =>
                {
                    Bind(command);
                    Bind(command, place);
                },
                row => row.GetFieldValue<byte[]>(0),
                cancellationToken);
            tiles[i] = found.FirstOrDefault();
        }

        return tiles;
    }

    public async Task KeepAsync(ArchiveAddition addition, CancellationToken cancellationToken)
    {
        if (addition.IsEmpty)
        {
            return;
        }

        await gate.WaitAsync(cancellationToken);
        try
        {
            StoreFailures.RequireFree(layout, minFree);
            await DiskWork.RunAsync(() => Commit(addition), CancellationToken.None);
        }
        catch (Exception error) when (StoreFailures.IsExpected(error))
        {
            throw Failed(error, layout, "write");
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose()
    {
        readers.Dispose();
        writer.Dispose();
        gate.Dispose();
    }

    private void Commit(ArchiveAddition addition) => SqliteFile.Transact(writer, () =>
    {
        foreach (var tile in addition.Tiles)
        {
            Put(ArchiveSql.PutTile, command =>
            {
                Bind(command, tile.Place);
                command.Parameters.AddWithValue("$hashes", tile.Hashes.ToArray());
            });
        }

        if (addition.Record is { } record)
        {
            Put(ArchiveSql.PutRecord, command =>
            {
                Bind(command, record.Module);
                command.Parameters.AddWithValue("$number", record.Number);
                command.Parameters.AddWithValue("$text", record.Text);
                command.Parameters.AddWithValue("$leaf", record.Leaf);
            });
        }

        if (addition.Head is { } head)
        {
            Put(ArchiveSql.PutHead, command => command.Parameters.AddWithValue("$head", head));
        }
    });

    private void Put(string sql, Action<SqliteCommand> bind)
    {
        using var command = SqliteFile.Command(writer, sql);
        Bind(command);
        bind(command);
        command.ExecuteNonQuery();
    }

    private void Bind(SqliteCommand command)
    {
        command.Parameters.Clear();
        command.Parameters.AddWithValue("$source", source);
    }

    private static void Bind(SqliteCommand command, ModuleVersion module)
    {
        command.Parameters.AddWithValue("$path", module.Path);
        command.Parameters.AddWithValue("$version", module.Version);
    }

    private static void Bind(SqliteCommand command, TilePlace place)
    {
        command.Parameters.AddWithValue("$level", place.Level);
        command.Parameters.AddWithValue("$number", place.Index);
    }

    private static StoreFailedException Failed(Exception error, StoreLayout layout, string doing) => StoreFailures.From(
        error,
        layout,
        $"{doing} {Path.GetFileName(layout.SumDb)}",
        $"Cannot {doing} {layout.SumDb}: it is damaged. Stop the node and move the file away: a new one is filled as clients ask. "
            + "Keep the old one: it alone says what the checksum database has signed before.");
}
