namespace Athens.Federation.Node.Storage;

/// <summary>Every SQL text of log.db.</summary>
internal static class LogSql
{
    /// <summary>Written to PRAGMA user_version.</summary>
    public const int SchemaVersion = 1;

    /// <summary>
    /// record: the leaves, each found by its number and by its module version. tile: hashes as they are served; id is level and number of a tile in
    /// one (see SqliteLogStore), so that a grown tile replaces itself in place. head: one row.
    /// </summary>
    public const string CreateSchema = """
        BEGIN IMMEDIATE;
        CREATE TABLE record (
            number INTEGER PRIMARY KEY,
            path TEXT NOT NULL,
            version TEXT NOT NULL,
            text BLOB NOT NULL,
            chunks BLOB NOT NULL,
            UNIQUE (path, version)
        );
        CREATE TABLE tile (
            id INTEGER PRIMARY KEY,
            hashes BLOB NOT NULL
        );
        CREATE TABLE head (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            size INTEGER NOT NULL,
            latest BLOB NOT NULL,
            checkpoint BLOB NOT NULL
        );
        PRAGMA user_version = 1;
        COMMIT;
        """;

    public const string Head = "SELECT size, latest, checkpoint FROM head";

    /// <summary>Counted by the last number: a gap before it would show when the tree is checked.</summary>
    public const string Count = "SELECT coalesce(max(number) + 1, 0) FROM record";

    public const string Find = "SELECT number, text, chunks FROM record WHERE path = $path AND version = $version";

    public const string Records = "SELECT number, text FROM record WHERE number >= $first ORDER BY number LIMIT $count";

    public const string Tile = "SELECT hashes FROM tile WHERE id = $id";

    /// <summary>Without OR REPLACE: a number or a module version that is there already is a bug, and ends the transaction.</summary>
    public const string AddRecord = "INSERT INTO record (number, path, version, text, chunks) VALUES ($number, $path, $version, $text, $chunks)";

    public const string PutTile = "INSERT OR REPLACE INTO tile (id, hashes) VALUES ($id, $hashes)";

    public const string PutHead = "INSERT OR REPLACE INTO head (id, size, latest, checkpoint) VALUES (1, $size, $latest, $checkpoint)";
}
