namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>A node of the pool that a newcomer dials first.</summary>
/// <param name="Endpoint">HOST:PORT.</param>
/// <param name="Identity">Ed25519, 32 bytes: whoever shows another key there is not it.</param>
internal sealed record PoolSeed(string Endpoint, ReadOnlyMemory<byte> Identity);
