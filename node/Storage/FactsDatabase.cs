using Athens.Federation.Node.Retrieval;
using Microsoft.Data.Sqlite;

namespace Athens.Federation.Node.Storage;

/// <summary>Opens athens.db: a connection for the writer, connections for readers.</summary>
internal static class FactsDatabase
{
    /// <exception cref="StoreFailedException">Damaged, made by a newer node, or not writable.</exception>
    public static SqliteConnection OpenWriter(StoreLayout layout)
    {
        try
        {
            return SqliteFile.OpenWriter(layout.Database, StoreSql.SchemaVersion, StoreSql.CreateSchema);
        }
        catch (SqliteException error)
        {
            throw StoreFailures.From(error, layout, "open the store");
        }
    }

    public static SqliteReaders Readers(StoreLayout layout) => new(
        () => SqliteFile.OpenReader(layout.Database), error => StoreFailures.From(error, layout, "read the store's database"));
}
