using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Mirrors;

/// <summary>
/// One holder of a log, asked for what a mirror lacks. Nothing that it gives need be true. Its methods throw what their implementation throws when there
/// is no answer; a pull ends with that and goes on from where it was with the next one.
/// </summary>
internal interface IMirrorSource
{
    /// <summary>Consecutive leaves: at least one, at most as many as asked for.</summary>
    Task<IReadOnlyList<MirrorLeaf>> LeavesAsync(long first, int count, CancellationToken cancellationToken);

    /// <summary>The proof (<see cref="PrefixProof"/>) of which root the tree of <paramref name="size"/> leaves had at <paramref name="prefix"/>.</summary>
    Task<IReadOnlyList<MerkleHash>> PrefixAsync(long prefix, long size, CancellationToken cancellationToken);
}
