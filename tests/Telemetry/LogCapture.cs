using Microsoft.Extensions.Logging;

namespace Athens.Federation.Tests.Telemetry;

internal sealed record CapturedLine(string Category, LogLevel Level, EventId Id, string Message);

/// <summary>Keeps every line that was logged, and lets a test wait for one.</summary>
internal sealed class LogCapture : ILoggerProvider
{
    private readonly Lock gate = new();
    private readonly List<CapturedLine> lines = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<CapturedLine> Lines
    {
        get
        {
            lock (gate)
            {
                return [.. lines];
            }
        }
    }

    public async Task<CapturedLine> WaitForAsync(int eventId, TimeSpan limit)
    {
        using var expired = new CancellationTokenSource(limit);
        while (true)
        {
            Task next;
            lock (gate)
            {
                next = changed.Task;
                if (lines.Find(line => line.Id.Id == eventId) is { } found)
                {
                    return found;
                }
            }

            await next.WaitAsync(expired.Token);
        }
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private void Add(CapturedLine line)
    {
        lock (gate)
        {
            lines.Add(line);
            changed.SetResult();
            changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private sealed class Logger(LogCapture owner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            owner.Add(new CapturedLine(category, logLevel, eventId, formatter(state, exception) + (exception is null ? "" : $" {exception}")));
    }
}

/// <summary>A clock that a test moves.</summary>
internal sealed class HandClock : TimeProvider
{
    private DateTimeOffset now = new(2026, 11, 20, 16, 56, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => now;

    public void Advance(TimeSpan by) => now += by;
}
