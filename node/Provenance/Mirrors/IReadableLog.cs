using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Mirrors;

/// <summary>A log that this node can answer for: its own, or one that it mirrors. Under the head that is told, everything is there.</summary>
internal interface IReadableLog
{
    string Name { get; }

    /// <summary>Null when nothing may be told, or nothing is known yet.</summary>
    SignedHead? Head { get; }

    /// <summary>Consecutive leaves under the head, fewer than asked for when there are no more.</summary>
    /// <exception cref="IOException">They cannot be read.</exception>
    ValueTask<IReadOnlyList<MirrorLeaf>> LeavesAsync(long first, int count, CancellationToken cancellationToken);

    /// <summary>Reads hashes of the log as it was with so many leaves; null when the head has not so many.</summary>
    IHashReader? HashesAt(long size);
}
