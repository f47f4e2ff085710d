using System.Runtime.InteropServices;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Mirrors;

/// <summary>A leaf of a log as it travels: its text, or its hash alone.</summary>
/// <param name="Hash">The leaf's hash; of a text it was computed from it.</param>
/// <param name="Text">Null when only the hash is known.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct MirrorLeaf(MerkleHash Hash, ReadOnlyMemory<byte>? Text)
{
    public static MirrorLeaf OfText(ReadOnlyMemory<byte> text) => new(MerkleTree.LeafHash(text.Span), text);

    public static MirrorLeaf OfHash(MerkleHash hash) => new(hash, null);
}
