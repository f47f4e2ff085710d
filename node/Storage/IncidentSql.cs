namespace Athens.Federation.Node.Storage;

/// <summary>Every SQL text of incidents.db.</summary>
internal static class IncidentSql
{
    public const int SchemaVersion = 1;

    /// <summary>
    /// What the evidence says stands beside it in words, so that a start need not verify all of it again. number tells the order. keys: one verifier key a
    /// line. cleared_at is null while the incident lives. Times are seconds since 1970.
    /// </summary>
    public const string CreateSchema = """
        BEGIN IMMEDIATE;
        CREATE TABLE incident (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL,
            path TEXT,
            version TEXT,
            guilty TEXT,
            keys TEXT NOT NULL,
            sentence TEXT NOT NULL,
            matter TEXT NOT NULL,
            found_at INTEGER NOT NULL,
            found_by TEXT NOT NULL,
            concerns INTEGER NOT NULL,
            cleared_by TEXT,
            cleared_at INTEGER,
            because TEXT,
            evidence BLOB NOT NULL
        );
        PRAGMA user_version = 1;
        COMMIT;
        """;

    public const string All = """
        SELECT id, kind, path, version, guilty, keys, sentence, matter, found_at, found_by, concerns, cleared_by, cleared_at, because
        FROM incident ORDER BY number
        """;

    public const string Evidence = "SELECT evidence FROM incident WHERE id = $id";

    public const string Add = """
        INSERT INTO incident (id, kind, path, version, guilty, keys, sentence, matter, found_at, found_by, concerns, evidence)
        VALUES ($id, $kind, $path, $version, $guilty, $keys, $sentence, $matter, $found_at, $found_by, $concerns, $evidence)
        """;

    public const string Drop = "DELETE FROM incident WHERE id = $id";

    public const string Mark = "UPDATE incident SET concerns = 1 WHERE id = $id";

    public const string Clear = "UPDATE incident SET cleared_by = $by, cleared_at = $at, because = $because WHERE id = $id AND cleared_at IS NULL";
}
