using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>What a node is, before an org says so in a <see cref="NodeStatement"/>.</summary>
/// <param name="Name">1 to 64 letters, digits, dots, dashes and underscores.</param>
/// <param name="Identity">Ed25519, 32 bytes.</param>
/// <param name="Log">Of the log that the node signs.</param>
/// <param name="Witness">What its cosignatures are checked with.</param>
/// <param name="Endpoints">HOST:PORT, at most 8.</param>
internal sealed record NodeDescription(
    string Name, ReadOnlyMemory<byte> Identity, NoteVerifier Log, CosignatureVerifier Witness, IReadOnlyList<string> Endpoints);
