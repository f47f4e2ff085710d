using System.Collections.Concurrent;

namespace Athens.Federation.Node.Telemetry;

/// <summary>
/// The node's only log provider: one line per event, formatted into reused UTF-8 buffers and written by one thread.
/// A reader that does not read costs lines (counted), never time. Dispose writes what is waiting.
/// </summary>
internal sealed class AthensLoggerProvider : ILoggerProvider
{
    private readonly ConcurrentDictionary<string, AthensLogger> loggers = new(StringComparer.Ordinal);
    private readonly ILogFormat format;
    private readonly TimeProvider time;
    private readonly LogSink sink;

    public AthensLoggerProvider(LogFormat logFormat, Stream stream, TimeProvider time)
    {
        this.time = time;
        format = logFormat == LogFormat.Json ? new JsonLogFormat() : new ConsoleLogFormat();
        sink = new LogSink(stream, DroppedNotice, time);
    }

    public ILogger CreateLogger(string categoryName) =>
        loggers.GetOrAdd(categoryName, name => new AthensLogger(new LogCategory(name), format, sink, time));

    public void Dispose() => sink.Dispose();

    private ReadOnlyMemory<byte> DroppedNotice(long count)
    {
        var notice = new NoticeLogger(format, time);
        TelemetryLog.LinesDropped(notice, count);
        return notice.Line;
    }

    /// <summary>Formats the notice for the sink's own thread, which must not wait for itself.</summary>
    private sealed class NoticeLogger(ILogFormat format, TimeProvider time) : ILogger
    {
        private static readonly LogCategory Category = new(typeof(AthensLoggerProvider).Namespace!);

        public byte[] Line { get; private set; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            var line = LogLine.Rent();
            line.ReadFields(state);
            var message = formatter(state, exception);
            format.Write(line, new(time.GetUtcNow(), logLevel, eventId, Category, null, message, exception, null));
            Line = line.Text.Written.ToArray();
            line.Return();
        }
    }
}
