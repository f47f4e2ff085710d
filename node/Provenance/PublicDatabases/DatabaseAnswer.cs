using System.Runtime.InteropServices;

namespace Athens.Federation.Node.Provenance.PublicDatabases;

internal enum DatabaseAnswerKind
{
    /// <summary>It is there and proven.</summary>
    Found,

    /// <summary>The database says that there is no such thing.</summary>
    Absent,

    /// <summary>The newest head that could be had does not reach so far. Says nothing of the next one.</summary>
    Beyond,

    /// <summary>It is never asked for: the path is private.</summary>
    Private,

    /// <summary>Could not find out.</summary>
    Unavailable,

    /// <summary>A security failure: what was answered is not what the database's log says, or the log was forked.</summary>
    Misbehaved,
}

/// <summary>How a question to a verified database ended.</summary>
/// <param name="Kind">How.</param>
/// <param name="Value">Not null exactly when found.</param>
/// <param name="Reason">Otherwise plain sentences for the developer's terminal.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct DatabaseAnswer<T>(DatabaseAnswerKind Kind, T? Value, string Reason)
    where T : class
{
    public static DatabaseAnswer<T> Found(T value) => new(DatabaseAnswerKind.Found, value, "");
}
