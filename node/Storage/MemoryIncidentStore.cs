using System.Collections.Concurrent;
using Athens.Federation.Node.Provenance.Incidents;

namespace Athens.Federation.Node.Storage;

/// <summary>Incidents of a node that keeps its modules in memory, for development. Who uses it bounds it.</summary>
internal sealed class MemoryIncidentStore : IIncidentStore
{
    private readonly ConcurrentDictionary<string, ReadOnlyMemory<byte>> evidence = new(StringComparer.Ordinal);

    public ValueTask<IReadOnlyList<Incident>> AllAsync(CancellationToken cancellationToken) => new([]);

    public ValueTask<ReadOnlyMemory<byte>?> EvidenceAsync(string id, CancellationToken cancellationToken) =>
        new(evidence.TryGetValue(id, out var found) ? found : null);

    public Task AddAsync(Incident incident, ReadOnlyMemory<byte> evidence, IReadOnlyList<string> drop, CancellationToken cancellationToken)
    {
        foreach (var id in drop)
        {
            this.evidence.TryRemove(id, out _);
        }

        this.evidence[incident.Id] = evidence.ToArray();
        return Task.CompletedTask;
    }

    public Task MarkAsync(string id, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task ClearAsync(string id, Clearance clearance, CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
