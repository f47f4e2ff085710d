namespace Athens.Federation.Node.Provenance.Incidents;

/// <summary>Where incidents lie. One writer. Every method throws an <see cref="IOException"/> that tells an operator what to do when the store cannot be used.</summary>
internal interface IIncidentStore : IAsyncDisposable
{
    /// <summary>All incidents, the oldest first, without their evidence.</summary>
    ValueTask<IReadOnlyList<Incident>> AllAsync(CancellationToken cancellationToken);

    /// <summary>The evidence of an incident; null when there is no such incident.</summary>
    ValueTask<ReadOnlyMemory<byte>?> EvidenceAsync(string id, CancellationToken cancellationToken);

    /// <summary>Adds an incident and drops others, in one step that is durable when it returns.</summary>
    Task AddAsync(Incident incident, ReadOnlyMemory<byte> evidence, IReadOnlyList<string> drop, CancellationToken cancellationToken);

    /// <summary>Notes that an incident concerns this node, durably before it returns.</summary>
    Task MarkAsync(string id, CancellationToken cancellationToken);

    /// <summary>Notes a decision, durably before it returns.</summary>
    Task ClearAsync(string id, Clearance clearance, CancellationToken cancellationToken);
}
