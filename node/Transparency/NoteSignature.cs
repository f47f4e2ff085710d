namespace Athens.Federation.Node.Transparency;

/// <summary>One signature line of a note: who says to have signed, and the bytes. Nothing of it is checked.</summary>
/// <param name="Name">The key's name.</param>
/// <param name="Hash">The key's hash, see <see cref="NoteVerifier.Hash"/>.</param>
/// <param name="Bytes">The signature without the hash; at least one byte.</param>
internal sealed record NoteSignature(string Name, uint Hash, ReadOnlyMemory<byte> Bytes);
