using System.Diagnostics.CodeAnalysis;
using Athens.Federation.Node.Retrieval;
using Microsoft.Data.Sqlite;

namespace Athens.Federation.Node.Storage;

/// <summary>Opens athens.db: a connection for the writer, connections for readers, and the schema's version.</summary>
internal static class FactsDatabase
{
    /// <summary>Another process may hold the file for an instant (sqlite3 at a prompt, a backup); longer is an error.</summary>
    private const int BusySeconds = 5;

    /// <exception cref="StoreFailedException">Damaged, made by a newer node, or not writable.</exception>
    public static SqliteConnection OpenWriter(StoreLayout layout)
    {
        SqliteLibrary.Prepare();
        try
        {
            return Open(layout, SqliteOpenMode.ReadWriteCreate, connection =>
            {
                RequireKnownSchema(connection, layout);
                Execute(connection, StoreSql.OpenWriter);
                if (SchemaOf(connection) == 0)
                {
                    Execute(connection, StoreSql.CreateSchema);
                }
            });
        }
        catch (SqliteException error)
        {
            throw StoreFailures.From(error, layout, "open the store");
        }
    }

    public static SqliteConnection OpenReader(StoreLayout layout) =>
        Open(layout, SqliteOpenMode.ReadWrite, connection => Execute(connection, StoreSql.OpenReader));

    public static long Scalar(SqliteConnection connection, string sql)
    {
        using var command = Command(connection, sql);
        return Convert.ToInt64(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = Command(connection, sql);
        command.ExecuteNonQuery();
    }

    [SuppressMessage("Security", "CA2100", Justification = "Only the constants of StoreSql come here.")]
    public static SqliteCommand Command(SqliteConnection connection, string sql)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }

    private static SqliteConnection Open(StoreLayout layout, SqliteOpenMode mode, Action<SqliteConnection> prepare)
    {
        var text = new SqliteConnectionStringBuilder
        {
            DataSource = layout.Database,
            Mode = mode,
            Pooling = false,
            DefaultTimeout = BusySeconds,
        };
        var connection = new SqliteConnection(text.ToString());
        try
        {
            connection.Open();
            prepare(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void RequireKnownSchema(SqliteConnection connection, StoreLayout layout)
    {
        var found = SchemaOf(connection);
        if (found > StoreSql.SchemaVersion)
        {
            throw new StoreFailedException(
                $"{layout.Database} was written by a newer athens (schema {found}, this one knows {StoreSql.SchemaVersion}). "
                + "Start that version again, or give this one another data folder.",
                null);
        }
    }

    private static long SchemaOf(SqliteConnection connection) => Scalar(connection, StoreSql.ReadSchemaVersion);
}
