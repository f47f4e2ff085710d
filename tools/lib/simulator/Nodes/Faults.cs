using System.Collections.Concurrent;

namespace Athens.Federation.Simulator.Nodes;

/// <summary>What nodes log as errors: each kind once, with how often. A fault of a node is a failure of the simulation.</summary>
internal sealed class Faults : ILoggerProvider, ILogger
{
    private readonly ConcurrentDictionary<string, (int Count, string First)> told = new(StringComparer.Ordinal);

    public IEnumerable<string> Told => told.OrderBy(static one => one.Key, StringComparer.Ordinal).Select(static one => $"{one.Value.Count} x {one.Key}: {one.Value.First}");

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            told.AddOrUpdate(
                eventId.Name ?? "unnamed",
                static (_, first) => (1, first),
                static (_, before, _) => (before.Count + 1, before.First),
                $"{formatter(state, exception)} {exception}".Trim());
        }
    }

    public void Dispose()
    {
    }
}
