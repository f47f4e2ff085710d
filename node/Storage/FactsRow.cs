using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Microsoft.Data.Sqlite;

namespace Athens.Federation.Node.Storage;

/// <summary>Facts to and from a row, in the order of <see cref="StoreSql"/>'s columns.</summary>
internal static class FactsRow
{
    private const long TicksPerMicrosecond = TimeSpan.TicksPerMicrosecond;

    public static ModuleFacts Read(SqliteDataReader row) => new()
    {
        Module = ReadModule(row),
        ZipHash = row.GetString(2),
        ModHash = row.GetString(3),
        Info = new FileDigest(row.GetString(4), row.GetInt64(5)),
        Mod = new FileDigest(row.GetString(6), row.GetInt64(7)),
        Zip = new FileDigest(row.GetString(8), row.GetInt64(9)),
        StoredAt = FromMicroseconds(row.GetInt64(10)),
        Source = row.GetString(11),
        GoVersion = row.GetString(12),
        Origin = row.IsDBNull(13) ? null : row.GetString(13),
    };

    public static ModuleVersion ReadModule(SqliteDataReader row) =>
        ModuleVersion.Create(row.GetString(0), row.GetString(1), out var reason)
        ?? throw new InvalidDataException($"athens.db holds {row.GetString(0)}@{row.GetString(1)}: {reason}");

    public static void Bind(SqliteCommand command, ModuleFacts facts)
    {
        Bind(command, facts.Module);
        command.Set("$zip_hash", facts.ZipHash);
        command.Set("$mod_hash", facts.ModHash);
        command.Set("$info_sha256", facts.Info.Sha256);
        command.Set("$info_size", facts.Info.Size);
        command.Set("$mod_sha256", facts.Mod.Sha256);
        command.Set("$mod_size", facts.Mod.Size);
        command.Set("$zip_sha256", facts.Zip.Sha256);
        command.Set("$zip_size", facts.Zip.Size);
        command.Set("$stored_at", ToMicroseconds(facts.StoredAt));
        command.Set("$source", facts.Source);
        command.Set("$go_version", facts.GoVersion);
        command.Set("$origin", (object?)facts.Origin ?? DBNull.Value);
    }

    public static void Bind(SqliteCommand command, ModuleVersion module)
    {
        command.Set("$path", module.Path);
        command.Set("$version", module.Version);
    }

    /// <summary>Sets a parameter of a command that is used again and again.</summary>
    public static void Set(this SqliteCommand command, string name, object value)
    {
        var at = command.Parameters.IndexOf(name);
        if (at < 0)
        {
            command.Parameters.AddWithValue(name, value);
        }
        else
        {
            command.Parameters[at].Value = value;
        }
    }

    public static long ToMicroseconds(DateTimeOffset time) =>
        (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TicksPerMicrosecond;

    /// <summary>Rounded up, so that "at or after" holds for times that are not whole microseconds.</summary>
    public static long ToMicrosecondsUp(DateTimeOffset time) =>
        ToMicroseconds(time.UtcTicks % TicksPerMicrosecond == 0 ? time : time.AddTicks(TicksPerMicrosecond - 1));

    public static DateTimeOffset FromMicroseconds(long time) =>
        new(DateTimeOffset.UnixEpoch.Ticks + (time * TicksPerMicrosecond), TimeSpan.Zero);
}
