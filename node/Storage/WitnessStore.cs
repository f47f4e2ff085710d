using Athens.Federation.Node.Provenance.Witnessing;
using Athens.Federation.Node.Retrieval;
using Microsoft.Data.Sqlite;

namespace Athens.Federation.Node.Storage;

/// <summary>What this node's witness key cosigned, in <c>&lt;data&gt;/witness.db</c>: to be kept as long as that key is.</summary>
internal sealed class WitnessStore : IWitnessStore
{
    private const int SchemaVersion = 1;

    /// <summary>log: a verifier key. owner: the identity key of its node. checkpoint: a signed note.</summary>
    private const string CreateSchema = """
        BEGIN IMMEDIATE;
        CREATE TABLE witnessed (
            log TEXT PRIMARY KEY,
            owner TEXT NOT NULL,
            checkpoint BLOB NOT NULL
        );
        PRAGMA user_version = 1;
        COMMIT;
        """;

    private const string Find = "SELECT checkpoint FROM witnessed WHERE log = $log";
    private const string Count = "SELECT count(*) FROM witnessed WHERE owner = $owner";
    private const string Keep = "INSERT OR REPLACE INTO witnessed (log, owner, checkpoint) VALUES ($log, $owner, $checkpoint)";

    private readonly StoreLayout layout;
    private readonly SqliteConnection writer;
    private readonly SqliteReaders readers;

    private WitnessStore(StoreLayout layout, SqliteConnection writer)
    {
        this.layout = layout;
        this.writer = writer;
        readers = new SqliteReaders(() => SqliteFile.OpenReader(layout.Witness), error => Failed(error, layout, "read"));
    }

    /// <summary>Made when missing. Touches the disk.</summary>
    /// <exception cref="StoreFailedException">Damaged, made by a newer node, or not writable.</exception>
    public static WitnessStore Open(StoreLayout layout)
    {
        try
        {
            return new WitnessStore(layout, SqliteFile.OpenWriter(layout.Witness, SchemaVersion, CreateSchema));
        }
        catch (SqliteException error)
        {
            throw Failed(error, layout, "open");
        }
    }

    public async ValueTask<ReadOnlyMemory<byte>?> FindAsync(string log, CancellationToken cancellationToken)
    {
        var found = await readers.ReadAsync(Find, command => command.Set("$log", log), row => row.GetFieldValue<byte[]>(0), cancellationToken);
        return found.Count == 0 ? (ReadOnlyMemory<byte>?)null : found[0];
    }

    public async ValueTask<long> CountAsync(string owner, CancellationToken cancellationToken) =>
        (await readers.ReadAsync(Count, command => command.Set("$owner", owner), row => row.GetInt64(0), cancellationToken))[0];

    public Task KeepAsync(string log, string owner, ReadOnlyMemory<byte> checkpoint, CancellationToken cancellationToken) => DiskWork.RunAsync(
        () =>
        {
            try
            {
                using var command = SqliteFile.Command(writer, Keep);
                command.Set("$log", log);
                command.Set("$owner", owner);
                command.Set("$checkpoint", checkpoint.ToArray());
                command.ExecuteNonQuery();
            }
            catch (SqliteException error)
            {
                throw Failed(error, layout, "write");
            }
        },
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        readers.Dispose();
        await writer.DisposeAsync();
    }

    private static StoreFailedException Failed(Exception error, StoreLayout layout, string doing) => StoreFailures.From(
        error,
        layout,
        $"{doing} {Path.GetFileName(layout.Witness)}",
        $"Cannot {doing} {layout.Witness}: it is damaged. It has what this node cosigned as a witness: put the newest one back, or move it and keys/witness "
            + "away together, which ends this witness and begins another.");
}
