namespace Athens.Federation.Node.Storage;

/// <summary>Every SQL text of the disk store.</summary>
internal static class StoreSql
{
    /// <summary>Written to PRAGMA user_version.</summary>
    public const int SchemaVersion = 1;

    /// <summary>
    /// facts: what is held. admission: module versions whose files are being placed, written before the first file
    /// and removed after the list; what a start finds here was interrupted.
    /// </summary>
    public const string CreateSchema = """
        BEGIN IMMEDIATE;
        CREATE TABLE facts (
            path TEXT NOT NULL,
            version TEXT NOT NULL,
            zip_hash TEXT NOT NULL,
            mod_hash TEXT NOT NULL,
            info_sha256 TEXT NOT NULL, info_size INTEGER NOT NULL,
            mod_sha256 TEXT NOT NULL, mod_size INTEGER NOT NULL,
            zip_sha256 TEXT NOT NULL, zip_size INTEGER NOT NULL,
            stored_at INTEGER NOT NULL UNIQUE,
            source TEXT NOT NULL,
            go_version TEXT NOT NULL,
            origin TEXT,
            PRIMARY KEY (path, version)
        ) WITHOUT ROWID;
        CREATE TABLE admission (
            path TEXT NOT NULL,
            version TEXT NOT NULL,
            PRIMARY KEY (path, version)
        ) WITHOUT ROWID;
        PRAGMA user_version = 1;
        COMMIT;
        """;

    private const string Columns =
        "path, version, zip_hash, mod_hash, info_sha256, info_size, mod_sha256, mod_size, zip_sha256, zip_size, "
        + "stored_at, source, go_version, origin";

    public const string Find = $"SELECT {Columns} FROM facts WHERE path = $path AND version = $version";

    public const string Held = $"SELECT {Columns} FROM facts WHERE path = $path";

    public const string Versions = "SELECT version FROM facts WHERE path = $path";

    public const string NextPath = "SELECT path FROM facts WHERE path > $path ORDER BY path LIMIT 1";

    public const string Page = $"""
        SELECT {Columns} FROM facts WHERE (path, version) > ($path, $version) ORDER BY path, version LIMIT $limit
        """;

    public const string CatalogPage = """
        SELECT path, version FROM facts WHERE (path, version) > ($path, $version) ORDER BY path, version LIMIT $limit
        """;

    public const string Index = """
        SELECT path, version, stored_at FROM facts WHERE stored_at >= $since ORDER BY stored_at LIMIT $limit
        """;

    public const string Count = "SELECT count(*) FROM facts";

    public const string LastStoredAt = "SELECT coalesce(max(stored_at), 0) FROM facts";

    public const string Unfinished = "SELECT path, version FROM admission";

    public const string Begin = "INSERT OR IGNORE INTO admission (path, version) VALUES ($path, $version)";

    public const string End = "DELETE FROM admission WHERE path = $path AND version = $version";

    public const string Put = $"""
        INSERT OR REPLACE INTO facts ({Columns}) VALUES ($path, $version, $zip_hash, $mod_hash, $info_sha256,
        $info_size, $mod_sha256, $mod_size, $zip_sha256, $zip_size, $stored_at, $source, $go_version, $origin)
        """;

    public const string CheckIntegrity = "PRAGMA integrity_check(10)";
}
