using Athens.Federation.Node.Provenance.Witnessing;

namespace Athens.Federation.Simulator.Nodes;

/// <summary>What a witness remembers, over the restarts of its node.</summary>
internal sealed class WitnessMemory : IWitnessStore
{
    private readonly Dictionary<string, (string Owner, ReadOnlyMemory<byte> Checkpoint)> kept = new(StringComparer.Ordinal);

    public ValueTask<ReadOnlyMemory<byte>?> FindAsync(string log, CancellationToken cancellationToken) =>
        new(kept.TryGetValue(log, out (string Owner, ReadOnlyMemory<byte> Checkpoint) found) ? found.Checkpoint : (ReadOnlyMemory<byte>?)null);

    public ValueTask<long> CountAsync(string owner, CancellationToken cancellationToken) =>
        new(kept.Values.LongCount(one => string.Equals(one.Owner, owner, StringComparison.Ordinal)));

    public Task KeepAsync(string log, string owner, ReadOnlyMemory<byte> checkpoint, CancellationToken cancellationToken)
    {
        kept[log] = (owner, checkpoint.ToArray());
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
