namespace Athens.Federation.Node.Federation.Serving;

/// <summary>
/// The node's loggers, for a server whose clients may be hostile: warnings and errors of the web server itself (it calls it
/// critical when a peer opens too many streams) are let through a few times a minute. The node's own lines all pass.
/// </summary>
internal sealed class ServerLoggers(ILoggerFactory inner, TimeProvider time) : ILoggerFactory
{
    private const string Framework = "Microsoft.";

    private readonly ScarceLines lines = new(time);

    public ILogger CreateLogger(string categoryName)
    {
        ILogger logger = inner.CreateLogger(categoryName);
        return categoryName.StartsWith(Framework, StringComparison.Ordinal) ? new ScarceLogger(logger, lines) : logger;
    }

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    /// <summary>Nothing: the loggers are the node's.</summary>
    public void Dispose()
    {
    }

    private sealed class ScarceLogger(ILogger logger, ScarceLines lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => logger.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logger.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            // What is below is written by whoever looks for a fault on purpose.
            if (logLevel < LogLevel.Warning || (logger.IsEnabled(logLevel) && lines.Allow(out _)))
            {
                logger.Log(logLevel, eventId, state, exception, formatter);
            }
        }
    }
}
