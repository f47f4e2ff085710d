using System.Collections.Concurrent;
using Athens.Federation.Node.Retrieval;
using Microsoft.Data.Sqlite;

namespace Athens.Federation.Node.Storage;

/// <summary>
/// A small pool of reading connections, each with its statements prepared. SQLite answers from memory in
/// microseconds, so a few connections serve many requests, and a caller waits asynchronously for a free one.
/// </summary>
internal sealed class SqliteReaders : IDisposable
{
    /// <summary>As many as could run at once on a usual machine; each costs up to 2 MiB of page cache.</summary>
    private const int MaxReaders = 4;

    private readonly ConcurrentBag<Reader> idle = [];
    private readonly SemaphoreSlim free = new(MaxReaders);
    private readonly Func<SqliteConnection> open;
    private readonly Func<Exception, StoreFailedException> failure;

    /// <param name="open">Makes one more connection that only reads.</param>
    /// <param name="failure">What a failed read is for the operator.</param>
    public SqliteReaders(Func<SqliteConnection> open, Func<Exception, StoreFailedException> failure)
    {
        this.open = open;
        this.failure = failure;
        SqliteLibrary.Prepare();
    }

    /// <summary>Runs one statement and reads its rows on the calling thread.</summary>
    /// <exception cref="StoreFailedException">The database could not be read.</exception>
    public async ValueTask<List<T>> ReadAsync<T>(
        string sql, Action<SqliteCommand> bind, Func<SqliteDataReader, T> row, CancellationToken cancellationToken)
    {
        await free.WaitAsync(cancellationToken);
        try
        {
            if (!idle.TryTake(out var reader))
            {
                reader = new Reader(open());
            }

            try
            {
                return reader.Run(sql, bind, row);
            }
            finally
            {
                idle.Add(reader);
            }
        }
        catch (Exception error) when (error is SqliteException or InvalidDataException)
        {
            throw failure(error);
        }
        finally
        {
            free.Release();
        }
    }

    public void Dispose()
    {
        while (idle.TryTake(out var reader))
        {
            reader.Dispose();
        }

        free.Dispose();
    }

    private sealed class Reader(SqliteConnection connection) : IDisposable
    {
        // At most the statements of one database.
        private readonly Dictionary<string, SqliteCommand> prepared = new(StringComparer.Ordinal);

        public List<T> Run<T>(string sql, Action<SqliteCommand> bind, Func<SqliteDataReader, T> row)
        {
            if (!prepared.TryGetValue(sql, out var command))
            {
                prepared[sql] = command = SqliteFile.Command(connection, sql);
            }

            bind(command);
            using var rows = command.ExecuteReader();
            var found = new List<T>();
            while (rows.Read())
            {
                found.Add(row(rows));
            }

            return found;
        }

        public void Dispose()
        {
            foreach (var command in prepared.Values)
            {
                command.Dispose();
            }

            connection.Dispose();
        }
    }
}
