using System.Diagnostics;

namespace Athens.Federation.Node.Telemetry;

/// <summary>What one log line tells, besides its fields.</summary>
/// <param name="Text">The finished message when there is no template.</param>
internal readonly record struct LogEntry(
    DateTimeOffset Time,
    LogLevel Level,
    EventId Id,
    LogCategory Category,
    LogTemplate? Template,
    string? Text,
    Exception? Exception,
    Activity? Activity);

/// <summary>A logger's category and the short name that people read.</summary>
internal sealed record LogCategory(string Name)
{
    private const string Own = "Athens.Federation.Node.";

    /// <summary>The room of our own categories, the last part of all others.</summary>
    public string Short { get; } = Name.StartsWith(Own, StringComparison.Ordinal)
        ? Name[Own.Length..].Split('.')[0]
        : Name[(Name.LastIndexOf('.') + 1)..];
}

/// <summary>Turns an entry and the line's fields into the line's bytes, LF included.</summary>
internal interface ILogFormat
{
    void Write(LogLine line, in LogEntry entry);
}
