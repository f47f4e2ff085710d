using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Storage;

namespace Athens.Federation.Tests.Provenance.OwnLog;

internal enum CommitFault
{
    None,
    NothingStored,
    StoredButReportedFailed,
}

/// <summary>The log's store in memory, failing on purpose when told to, and holding commits up.</summary>
internal sealed class FailingLogStore : ILogStore
{
    private readonly MemoryLogStore inner = new();

    public CommitFault Fault { get; set; }

    public List<LogCommit> Commits { get; } = [];

    /// <summary>Commits that threw.</summary>
    public int Failed { get; private set; }

    /// <summary>When set, every commit waits for it before it stores anything.</summary>
    public TaskCompletionSource? Gate { get; set; }

    /// <summary>Completed once a commit waits at the gate.</summary>
    public TaskCompletionSource AtGate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Changes what is read of a tile or a record.</summary>
    public Func<string, ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> Read { get; set; } = (_, bytes) => bytes;

    public ValueTask<StoredHead?> HeadAsync(CancellationToken cancellationToken) => inner.HeadAsync(cancellationToken);

    public ValueTask<long> CountAsync(CancellationToken cancellationToken) => inner.CountAsync(cancellationToken);

    public ValueTask<StoredRecord?> FindAsync(ModuleVersion module, CancellationToken cancellationToken) => inner.FindAsync(module, cancellationToken);

    public async ValueTask<IReadOnlyList<ReadOnlyMemory<byte>>> RecordsAsync(long first, int count, CancellationToken cancellationToken) =>
        [.. (await inner.RecordsAsync(first, count, cancellationToken)).Select((text, i) => Read($"record {first + i}", text))];

    public async ValueTask<ReadOnlyMemory<byte>?> TileAsync(int level, long index, CancellationToken cancellationToken) =>
        await inner.TileAsync(level, index, cancellationToken) is { } bytes ? Read($"tile {level} {index}", bytes) : (ReadOnlyMemory<byte>?)null;

    public async Task CommitAsync(LogCommit commit, CancellationToken cancellationToken)
    {
        if (Gate is { } gate)
        {
            AtGate.TrySetResult();
            await gate.Task;
        }

        if (Fault == CommitFault.NothingStored)
        {
            Failed++;
            throw new IOException("no space left on device");
        }

        Commits.Add(commit);
        await inner.CommitAsync(commit, cancellationToken);
        if (Fault == CommitFault.StoredButReportedFailed)
        {
            Failed++;
            throw new IOException("input/output error");
        }
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
