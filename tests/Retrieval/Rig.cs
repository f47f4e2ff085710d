using System.Collections.Concurrent;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Athens.Federation.Tests.Retrieval;

/// <summary>The room between a twin store and a twin upstream, under a clock that stands still.</summary>
internal sealed class Rig : IAsyncDisposable
{
    public Rig(RetrievalOptions? options = null, params IModuleSource[] sourcesBefore)
    {
        Options = options ?? new RetrievalOptions();
        Board = new FlightBoard(Time);
        Retrieval = new ModuleRetrieval(Store, new ModuleSources([.. sourcesBefore, Source], []), Board, Options, Desk.Without(Log), Time, Log);
    }

    public Rig(IPeerSource peers)
    {
        Options = new RetrievalOptions();
        Board = new FlightBoard(Time);
        Retrieval = new ModuleRetrieval(Store, new ModuleSources([Source], [peers]), Board, Options, Desk.Without(Log), Time, Log);
    }

    public RetrievalOptions Options { get; }

    public TwinStore Store { get; } = new();

    public TwinSource Source { get; } = new();

    public ManualTime Time { get; } = new();

    public ListLogger Log { get; } = new();

    public FlightBoard Board { get; }

    public ModuleRetrieval Retrieval { get; }

    public Task<Outcome<StoredFile>> FileAsync(
        GenuineModule module, ModuleFileKind kind = ModuleFileKind.Zip, CancellationToken cancellationToken = default) =>
        FileAsync(module.Module, kind, cancellationToken);

    public Task<Outcome<StoredFile>> FileAsync(
        ModuleVersion module, ModuleFileKind kind = ModuleFileKind.Zip, CancellationToken cancellationToken = default) =>
        Retrieval.FileAsync(module, kind, cancellationToken).AsTask();

    public Task<Outcome<VersionList>> ListAsync(string path = "example.com/a") =>
        Retrieval.VersionsAsync(path, CancellationToken.None).AsTask();

    public Task<Outcome<ResolvedVersion>> ResolveAsync(string query, string path = "example.com/a") =>
        Retrieval.ResolveAsync(path, query, CancellationToken.None).AsTask();

    public async ValueTask DisposeAsync()
    {
        Source.Hang?.TrySetResult();
        await Retrieval.DisposeAsync();
        Store.Dispose();
    }
}

/// <summary>Keeps what was logged.</summary>
internal sealed class ListLogger : ILogger<ModuleRetrieval>
{
    public ConcurrentQueue<(LogLevel Level, int Id, string Text)> Lines { get; } = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue((logLevel, eventId.Id, formatter(state, exception)));
}
