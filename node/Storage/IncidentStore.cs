using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.Incidents;
using Microsoft.Data.Sqlite;

namespace Athens.Federation.Node.Storage;

/// <summary>Incidents in <c>&lt;data&gt;/incidents.db</c>: a file of its own, since a person's decisions must outlive whatever happens to the others.</summary>
internal sealed class IncidentStore : IIncidentStore
{
    private readonly StoreLayout layout;
    private readonly SqliteConnection writer;
    private readonly SqliteReaders readers;

    private IncidentStore(StoreLayout layout, SqliteConnection writer)
    {
        this.layout = layout;
        this.writer = writer;
        readers = new SqliteReaders(() => SqliteFile.OpenReader(layout.Incidents), error => Failed(error, layout, "read"));
    }

    /// <summary>Made when missing. Touches the disk.</summary>
    /// <exception cref="Retrieval.StoreFailedException">Damaged, made by a newer node, or not writable.</exception>
    public static IncidentStore Open(StoreLayout layout)
    {
        try
        {
            return new IncidentStore(layout, SqliteFile.OpenWriter(layout.Incidents, IncidentSql.SchemaVersion, IncidentSql.CreateSchema));
        }
        catch (SqliteException error)
        {
            throw Failed(error, layout, "open");
        }
    }

    public async ValueTask<IReadOnlyList<Incident>> AllAsync(CancellationToken cancellationToken) =>
        await readers.ReadAsync(IncidentSql.All, _ => { }, Read, cancellationToken);

    public async ValueTask<ReadOnlyMemory<byte>?> EvidenceAsync(string id, CancellationToken cancellationToken)
    {
        var found = await readers.ReadAsync(IncidentSql.Evidence, command => command.Set("$id", id), row => row.GetFieldValue<byte[]>(0), cancellationToken);
        return found.Count == 0 ? (ReadOnlyMemory<byte>?)null : found[0];
    }

    public Task AddAsync(Incident incident, ReadOnlyMemory<byte> evidence, IReadOnlyList<string> drop, CancellationToken cancellationToken) => WriteAsync(
        () => SqliteFile.Transact(writer, () =>
        {
            foreach (var id in drop)
            {
                Run(IncidentSql.Drop, command => command.Set("$id", id));
            }

            Run(IncidentSql.Add, command => Bind(command, incident, evidence));
        }),
        cancellationToken);

    public Task MarkAsync(string id, CancellationToken cancellationToken) =>
        WriteAsync(() => Run(IncidentSql.Mark, command => command.Set("$id", id)), cancellationToken);

    public Task ClearAsync(string id, Clearance clearance, CancellationToken cancellationToken) => WriteAsync(
        () => Run(IncidentSql.Clear, command =>
        {
            command.Set("$id", id);
            command.Set("$by", clearance.By);
            command.Set("$at", clearance.At.ToUnixTimeSeconds());
            command.Set("$because", clearance.Because);
        }),
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        readers.Dispose();
        await writer.DisposeAsync();
    }

    private Task WriteAsync(Action write, CancellationToken cancellationToken) => DiskWork.RunAsync(
        () =>
        {
            try
            {
                write();
            }
            catch (SqliteException error)
            {
                throw Failed(error, layout, "write");
            }
        },
        cancellationToken);

    private void Run(string sql, Action<SqliteCommand> bind)
    {
        using var command = SqliteFile.Command(writer, sql);
        bind(command);
        command.ExecuteNonQuery();
    }

    private static void Bind(SqliteCommand command, Incident incident, ReadOnlyMemory<byte> evidence)
    {
        command.Set("$id", incident.Id);
        command.Set("$kind", incident.Kind.Name());
        command.Set("$path", (object?)incident.Module?.Path ?? DBNull.Value);
        command.Set("$version", (object?)incident.Module?.Version ?? DBNull.Value);
        command.Set("$guilty", (object?)incident.Guilty?.ToString() ?? DBNull.Value);
        command.Set("$keys", string.Join('\n', incident.Keys));
        command.Set("$sentence", incident.Sentence);
        command.Set("$matter", incident.Matter);
        command.Set("$found_at", incident.Found.ToUnixTimeSeconds());
        command.Set("$found_by", incident.From);
        command.Set("$concerns", incident.Concerns ? 1 : 0);
        command.Set("$evidence", evidence.ToArray());
    }

    private static Incident Read(SqliteDataReader row)
    {
        var guilty = row.IsDBNull(4) ? null : row.GetString(4);
        var read = IncidentWords.Read(row.GetString(1), guilty, row.GetString(5)) ?? throw Unreadable();
        return new Incident(
            row.GetString(0),
            read.Kind,
            row.IsDBNull(2) ? null : ModuleVersion.Create(row.GetString(2), row.GetString(3), out _) ?? throw Unreadable(),
            read.Guilty,
            read.Keys,
            row.GetString(6),
            row.GetString(7),
            DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(8)),
            row.GetString(9))
        {
            Concerns = row.GetInt64(10) != 0,
            Cleared = row.IsDBNull(12) ? null : new Clearance(row.GetString(11), DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(12)), row.GetString(13)),
        };
    }

    private static InvalidDataException Unreadable() => new("a row of incidents.db cannot be read");

    private static Retrieval.StoreFailedException Failed(Exception error, StoreLayout layout, string doing) => StoreFailures.From(
        error,
        layout,
        $"{doing} {Path.GetFileName(layout.Incidents)}",
        $"Cannot {doing} {layout.Incidents}: it is damaged. It has what is in quarantine and who cleared what: put it back from a backup, or move it away "
            + "and look at evidence/incidents by hand.");
}
