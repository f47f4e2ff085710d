using System.Diagnostics.CodeAnalysis;
using Athens.Federation.Node.Retrieval;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Athens.Federation.Node.Storage;

/// <summary>One SQLite database: connections for its writer and its readers, and statements on them.</summary>
internal static class SqliteFile
{
    /// <summary>Another process may hold the file for an instant (sqlite3 at a prompt, a backup); longer is an error.</summary>
    private const int BusySeconds = 5;

    /// <summary>
    /// WAL with synchronous=FULL: a commit is durable when it returns, readers never wait for the writer. The caches
    /// are bounded in KiB (negative), the log file is cut back after a storm.
    /// </summary>
    private const string PrepareWriter = """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA cache_size = -8192;
        PRAGMA journal_size_limit = 16777216;
        PRAGMA temp_store = MEMORY;
        PRAGMA trusted_schema = OFF;
        """;

    private const string ReadSchemaVersion = "PRAGMA user_version";

    /// <summary>The page cache is bounded in KiB (negative).</summary>
    private const string PrepareReader = """
        PRAGMA query_only = ON;
        PRAGMA cache_size = -2048;
        PRAGMA temp_store = MEMORY;
        PRAGMA trusted_schema = OFF;
        """;

    /// <summary>Makes the file when there is none.</summary>
    /// <param name="path">Of the database.</param>
    /// <param name="schemaVersion">What <paramref name="createSchema"/> writes to PRAGMA user_version. A database with a greater one is refused: an older node cannot know it.</param>
    /// <param name="createSchema">For a new database.</param>
    /// <exception cref="StoreFailedException">A newer node made it.</exception>
    public static SqliteConnection OpenWriter(string path, int schemaVersion, string createSchema) => Open(path, SqliteOpenMode.ReadWriteCreate, connection =>
    {
        var found = Scalar(connection, ReadSchemaVersion);
        if (found > schemaVersion)
        {
            throw new StoreFailedException(
                $"{path} was written by a newer athens (schema {found}, this one knows {schemaVersion}). "
                + "Start that version again, or give this one another data folder.",
                null);
        }

        Execute(connection, PrepareWriter);
        if (found == 0)
        {
            Execute(connection, createSchema);
        }
    });

    public static SqliteConnection OpenReader(string path) =>
        Open(path, SqliteOpenMode.ReadWrite, connection => Execute(connection, PrepareReader));

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

    [SuppressMessage("Security", "CA2100", Justification = "Only constants come here.")]
    public static SqliteCommand Command(SqliteConnection connection, string sql)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }

    /// <summary>Does all of it or nothing. Not SqliteTransaction: after a full disk SQLite has rolled back by itself, and that class cannot take it.</summary>
    public static void Transact(SqliteConnection connection, Action statements)
    {
        try
        {
            Execute(connection, "BEGIN IMMEDIATE");
            statements();
            Execute(connection, "COMMIT");
        }
        catch
        {
            RollBack(connection);
            throw;
        }
    }

    private static void RollBack(SqliteConnection connection)
    {
        try
        {
            if (raw.sqlite3_get_autocommit(connection.Handle) == 0)
            {
                Execute(connection, "ROLLBACK");
            }
        }
        catch (SqliteException)
        {
            // The first error is the one to tell; the next transaction meets what is left of this one.
        }
    }

    private static SqliteConnection Open(string path, SqliteOpenMode mode, Action<SqliteConnection> prepare)
    {
        SqliteLibrary.Prepare();
        var text = new SqliteConnectionStringBuilder
        {
            DataSource = path,
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
}
