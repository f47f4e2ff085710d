using System.Diagnostics;

namespace Athens.Federation.Node.Telemetry;

/// <summary>Writes each event as one line, on the caller's thread up to the sink's buffer and no further.</summary>
internal sealed class AthensLogger(LogCategory category, ILogFormat format, LogSink sink, TimeProvider time) : ILogger
{
    /// <summary>Scopes are not written: what a line has to tell is in its fields.</summary>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        var line = LogLine.Rent();
        try
        {
            line.ReadFields(state);
            var template = line.Fields is [.., { Key: LogTemplate.FieldName, Value: string text }]
                ? LogTemplate.Of(text)
                : null;
            var message = template is null ? formatter(state, exception) : null;
            var now = time.GetUtcNow();
            format.Write(line, new(now, logLevel, eventId, category, template, message, exception, Activity.Current));
            sink.Post(line.Text.Written, urgent: logLevel >= LogLevel.Warning);
        }
        finally
        {
            line.Return();
        }
    }
}
