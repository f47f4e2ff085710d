namespace Athens.Federation.Node.Transparency;

/// <summary>A tile and the hashes in it, 32 bytes each, one after the other.</summary>
/// <param name="Tile">Which tile; never of records.</param>
/// <param name="Bytes">Its hashes. From elsewhere they are hostile until checked: see <see cref="VerifiedHashReader"/>.</param>
internal sealed record TileContent(Tile Tile, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Whether there are as many bytes as the tile is wide.</summary>
    public bool HasItsSize => Bytes.Length == Tile.Size;

    /// <summary>Makes a tile from stored hashes.</summary>
    /// <exception cref="ArgumentException">The tile is one of records.</exception>
    public static async ValueTask<TileContent> ReadAsync(Tile tile, IHashReader reader, CancellationToken cancellationToken)
    {
        if (tile.Level == Tile.Records)
        {
            throw new ArgumentException("A tile of records is not made of hashes.", nameof(tile));
        }

        var first = tile.First;
        var nodes = Enumerable.Range(0, tile.Width).Select(i => first with { Index = first.Index + i });
        var hashes = await TreeRange.HashesAsync(nodes, reader, cancellationToken);
        var bytes = new byte[tile.Size];
        for (var i = 0; i < hashes.Length; i++)
        {
            hashes[i].WriteTo(bytes.AsSpan(i * MerkleHash.Size));
        }

        return new TileContent(tile, bytes);
    }

    /// <summary>A subtree's hash, taken or made from this tile.</summary>
    /// <exception cref="ArgumentException">The subtree is not in this tile.</exception>
    public MerkleHash HashOf(TreeNode node)
    {
        // In leaves of the tile: where the subtree begins and how many of the tile's hashes it covers.
        var count = 1 << (node.Level % Tile.Height);
        var begin = node.Index * count;
        if (node.Level / Tile.Height != Tile.Level || begin >> Tile.Height != Tile.Index || (int)(begin % Tile.FullWidth) + count > Tile.Width || !HasItsSize)
        {
            throw new ArgumentException($"The hash {node} is not in {Tile}.", nameof(node));
        }

        return HashOf(Bytes.Span.Slice((int)(begin % Tile.FullWidth) * MerkleHash.Size, count * MerkleHash.Size));
    }

    /// <summary>The hash over a full tile, which is one of the hashes of the tile above.</summary>
    /// <exception cref="InvalidOperationException">The tile is not full: there is no such hash yet.</exception>
    public MerkleHash Root() => Tile.IsFull && HasItsSize
        ? HashOf(Bytes.Span)
        : throw new InvalidOperationException($"{Tile} is not full.");

    private static MerkleHash HashOf(ReadOnlySpan<byte> hashes)
    {
        if (hashes.Length == MerkleHash.Size)
        {
            return MerkleHash.Of(hashes);
        }

        var half = hashes.Length / 2;
        return MerkleTree.NodeHash(HashOf(hashes[..half]), HashOf(hashes[half..]));
    }
}
