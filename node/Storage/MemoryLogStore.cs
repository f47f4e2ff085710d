using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.OwnLog;

namespace Athens.Federation.Node.Storage;

/// <summary>The node's own log for development and tests: gone with the process.</summary>
internal sealed class MemoryLogStore : ILogStore
{
    // Guards everything below.
    private readonly Lock gate = new();
    private readonly List<NewRecord> records = [];
    private readonly Dictionary<ModuleVersion, long> numbers = [];
    private readonly Dictionary<(int Level, long Index), ReadOnlyMemory<byte>> tiles = [];
    private StoredHead? head;

    public ValueTask<StoredHead?> HeadAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return ValueTask.FromResult(head);
        }
    }

    public ValueTask<long> CountAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return ValueTask.FromResult((long)records.Count);
        }
    }

    public ValueTask<StoredRecord?> FindAsync(ModuleVersion module, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return ValueTask.FromResult(numbers.TryGetValue(module, out var number) ? new StoredRecord(number, records[(int)number].Text, records[(int)number].Chunks) : null);
        }
    }

    public ValueTask<IReadOnlyList<ReadOnlyMemory<byte>>> RecordsAsync(long first, int count, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            var from = (int)Math.Min(first, records.Count);
            return ValueTask.FromResult<IReadOnlyList<ReadOnlyMemory<byte>>>(
                [.. records.GetRange(from, Math.Min(count, records.Count - from)).Select(record => record.Text)]);
        }
    }

    public ValueTask<ReadOnlyMemory<byte>?> TileAsync(int level, long index, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return ValueTask.FromResult(tiles.TryGetValue((level, index), out var hashes) ? hashes : (ReadOnlyMemory<byte>?)null);
        }
    }

    public Task CommitAsync(LogCommit commit, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (commit.Records.Where((record, i) => record.Number != records.Count + i || numbers.ContainsKey(record.Module)).Any())
            {
                throw new ArgumentException("The records do not follow those that are there.", nameof(commit));
            }

            foreach (var record in commit.Records)
            {
                numbers.Add(record.Module, record.Number);
                records.Add(record);
            }

            foreach (var tile in commit.Tiles)
            {
                tiles[(tile.Level, tile.Index)] = tile.Hashes;
            }

            head = commit.Head;
            return Task.CompletedTask;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
