using System.Runtime.InteropServices;

namespace Athens.Federation.Node.Transparency;

/// <summary>What a log says of itself at one moment. Nothing until it was signed.</summary>
/// <param name="Size">Leaves, 0 to <see cref="MerkleTree.MaxSize"/>.</param>
/// <param name="Root">The root over them. Of an empty tree it says nothing: Go wrote zeros there once, RFC 6962 has SHA-256 of nothing.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TreeHead(long Size, MerkleHash Root);
