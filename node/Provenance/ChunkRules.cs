using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance;

/// <summary>How large zips are cut, so that pieces of one zip can come from several holders and each be checked when it arrives.</summary>
internal static class ChunkRules
{
    /// <summary>Bytes of a chunk; the last may have less.</summary>
    public const int ChunkSize = 1 << 20;

    /// <summary>Zips from this size up have a chunk list. Smaller ones arrive whole before splitting them would pay.</summary>
    public const long LeastZip = 8 << 20;

    /// <summary>How many chunks a zip of this size is cut into; 0 when it is too small to be cut.</summary>
    public static int Count(long zipSize) => zipSize < LeastZip ? 0 : checked((int)((zipSize + ChunkSize - 1) / ChunkSize));

    /// <summary>The Merkle root, 64 lower-case hex digits, over the SHA-256 of each chunk; a leaf's data are the 32 bytes of the SHA-256.</summary>
    /// <exception cref="ArgumentException">The hashes are none, or not 32 bytes each.</exception>
    public static string RootOf(ReadOnlySpan<byte> concatenatedSha256)
    {
        if (concatenatedSha256.Length == 0 || concatenatedSha256.Length % MerkleHash.Size != 0)
        {
            throw new ArgumentException("A chunk list is one SHA-256 of 32 bytes for each chunk.", nameof(concatenatedSha256));
        }

        var leaves = new MerkleHash[concatenatedSha256.Length / MerkleHash.Size];
        for (var i = 0; i < leaves.Length; i++)
        {
            leaves[i] = MerkleTree.LeafHash(concatenatedSha256.Slice(i * MerkleHash.Size, MerkleHash.Size));
        }

        return Convert.ToHexStringLower(MerkleTree.Root(leaves).ToArray());
    }
}
