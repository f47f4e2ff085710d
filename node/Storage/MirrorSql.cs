namespace Athens.Federation.Node.Storage;

/// <summary>Every SQL text of mirrors.db.</summary>
internal static class MirrorSql
{
    /// <summary>Written to PRAGMA user_version.</summary>
    public const int SchemaVersion = 1;

    /// <summary>
    /// log: one row for each log, known by its whole verifier key. text: records packed (RecordPacking), tile: hashes as they are served; the id of both has the
    /// log above the number (see SqliteMirrorStore), so that one log's lie together. found: which leaves are of a module version, told by eight bytes of
    /// a hash of it.
    /// </summary>
    public const string CreateSchema = """
        BEGIN IMMEDIATE;
        CREATE TABLE log (
            id INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            owner TEXT NOT NULL,
            size INTEGER NOT NULL DEFAULT 0,
            head_size INTEGER,
            head_latest BLOB,
            head_checkpoint BLOB,
            goal_size INTEGER,
            goal_latest BLOB,
            goal_checkpoint BLOB,
            fault TEXT NOT NULL DEFAULT ''
        );
        CREATE TABLE text (
            id INTEGER PRIMARY KEY,
            packed BLOB NOT NULL
        );
        CREATE TABLE tile (
            id INTEGER PRIMARY KEY,
            hashes BLOB NOT NULL
        );
        CREATE TABLE found (
            module INTEGER NOT NULL,
            log INTEGER NOT NULL,
            number INTEGER NOT NULL,
            PRIMARY KEY (module, log, number)
        ) WITHOUT ROWID;
        PRAGMA user_version = 1;
        COMMIT;
        """;

    public const string Logs = """
        SELECT id, key, owner, size, fault, head_size, head_latest, head_checkpoint, goal_size, goal_latest, goal_checkpoint FROM log ORDER BY id
        """;

    public const string AddLog = "INSERT OR IGNORE INTO log (key, owner) VALUES ($key, $owner)";

    public const string Tile = "SELECT hashes FROM tile WHERE id = $id";

    public const string Texts = "SELECT id, packed FROM text WHERE id >= $first AND id < $end ORDER BY id";

    public const string Find = """
        SELECT found.log, found.number, text.packed FROM found JOIN text ON text.id = (found.log << 40) | found.number WHERE found.module = $module
        """;

    public const string PutText = "INSERT OR REPLACE INTO text (id, packed) VALUES ($id, $packed)";

    /// <summary>No more than some of one log: a log that says one thing a million times would cost every question a million rows.</summary>
    public const string AddFound = """
        INSERT OR IGNORE INTO found (module, log, number) SELECT $module, $log, $number
        WHERE (SELECT count(*) FROM (SELECT 1 FROM found WHERE module = $module AND log = $log LIMIT 4)) < 4
        """;

    public const string PutTile = "INSERT OR REPLACE INTO tile (id, hashes) VALUES ($id, $hashes)";

    public const string PutState = """
        UPDATE log SET size = $size, fault = $fault, head_size = $head_size, head_latest = $head_latest, head_checkpoint = $head_checkpoint,
            goal_size = $goal_size, goal_latest = $goal_latest, goal_checkpoint = $goal_checkpoint
        WHERE id = $log
        """;
}
