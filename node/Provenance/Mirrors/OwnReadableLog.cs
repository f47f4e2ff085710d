using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Mirrors;

/// <summary>The node's own log as one among those that it can answer for.</summary>
internal sealed class OwnReadableLog(NodeLog log) : IReadableLog
{
    public string Name => log.Name;

    public SignedHead? Head => log.Head;

    public async ValueTask<IReadOnlyList<MirrorLeaf>> LeavesAsync(long first, int count, CancellationToken cancellationToken) =>
        [.. (await log.TextsAsync(first, count, cancellationToken)).Select(MirrorLeaf.OfText)];

    public IHashReader? HashesAt(long size) => log.HashesAt(size);
}
