namespace Athens.Federation.Node.Storage;

/// <summary>Every SQL text of sumdb.db.</summary>
internal static class ArchiveSql
{
    public const int SchemaVersion = 1;

    /// <summary>
    /// A database is known by its whole verifier key: under another key of the same name another timeline begins. Tiles are 8 KiB,
    /// too long for a table without row ids.
    /// </summary>
    public const string CreateSchema = """
        BEGIN IMMEDIATE;
        CREATE TABLE source (
            id INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            head BLOB
        );
        CREATE TABLE record (
            source INTEGER NOT NULL REFERENCES source,
            path TEXT NOT NULL,
            version TEXT NOT NULL,
            number INTEGER NOT NULL,
            text BLOB NOT NULL,
            leaf BLOB NOT NULL,
            PRIMARY KEY (source, path, version)
        ) WITHOUT ROWID;
        CREATE TABLE tile (
            source INTEGER NOT NULL REFERENCES source,
            level INTEGER NOT NULL,
            number INTEGER NOT NULL,
            hashes BLOB NOT NULL,
            UNIQUE (source, level, number)
        );
        PRAGMA user_version = 1;
        COMMIT;
        """;

    public const string AddSource = "INSERT OR IGNORE INTO source (key) VALUES ($key)";

    public const string SourceOf = "SELECT id FROM source WHERE key = $key";

    public const string Head = "SELECT head FROM source WHERE id = $source AND head IS NOT NULL";

    public const string Record = "SELECT number, text, leaf FROM record WHERE source = $source AND path = $path AND version = $version";

    public const string Tile = "SELECT hashes FROM tile WHERE source = $source AND level = $level AND number = $number";

    public const string PutHead = "UPDATE source SET head = $head WHERE id = $source";

    public const string PutRecord = """
        INSERT OR REPLACE INTO record (source, path, version, number, text, leaf) VALUES ($source, $path, $version, $number, $text, $leaf)
        """;

    /// <summary>One of the same width replaces: it may mend one that was damaged.</summary>
    public const string PutTile = """
        INSERT INTO tile (source, level, number, hashes) VALUES ($source, $level, $number, $hashes)
        ON CONFLICT (source, level, number) DO UPDATE SET hashes = excluded.hashes WHERE length(excluded.hashes) >= length(hashes)
        """;
}
