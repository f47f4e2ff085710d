namespace Athens.Federation.Node.Transparency;

/// <summary>Reads stored hashes of one log (<see cref="TreeNode.StoredIndex"/>): from its store, or from tiles that are checked on the way.</summary>
internal interface IHashReader
{
    /// <summary>The hashes with these numbers, in the order asked for. One proof asks once.</summary>
    /// <param name="storedIndexes">At most a few hundred for a proof, at most 65,536 in all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BadTileException">A security failure: what was read does not belong to the log's signed head.</exception>
    /// <exception cref="IOException">They could not be read.</exception>
    ValueTask<MerkleHash[]> ReadAsync(ReadOnlyMemory<long> storedIndexes, CancellationToken cancellationToken);
}
