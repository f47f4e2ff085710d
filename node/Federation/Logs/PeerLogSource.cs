using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Provenance.Mirrors;
using Athens.Federation.Node.Transparency;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Logs;

/// <summary>A connected peer as a holder of a log. Throws <see cref="PeerCallException"/> when it does not answer, or not as the protocol has it.</summary>
/// <param name="calls">Asks.</param>
/// <param name="peer">Whom.</param>
/// <param name="log">For which log.</param>
/// <param name="withVouched">Wants the texts of vouched records too.</param>
/// <param name="time">The clock.</param>
internal sealed class PeerLogSource(PeerCalls calls, Peer peer, string log, bool withVouched, TimeProvider time) : IMirrorSource
{
    /// <summary>A frame must have come by then.</summary>
    private static readonly TimeSpan FramePatience = TimeSpan.FromSeconds(20);

    public async Task<IReadOnlyList<MirrorLeaf>> LeavesAsync(long first, int count, CancellationToken cancellationToken)
    {
        Wire.RecordsRequest request = new() { Log = log, First = (ulong)first, Count = (uint)count, Vouched = withVouched };
        using CancellationTokenSource patience = new(FramePatience, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        List<MirrorLeaf> leaves = new(count);
        try
        {
            await foreach (Wire.RecordsFrame frame in PeerCalls.RecordsAsync(peer, request, ending.Token))
            {
                patience.CancelAfter(FramePatience);
                if (frame.Leaves.Count == 0 || leaves.Count + frame.Leaves.Count > count)
                {
                    throw Fault($"{leaves.Count + frame.Leaves.Count} records for {count}, {frame.Leaves.Count} in the last frame");
                }

                foreach (Wire.Leaf leaf in frame.Leaves)
                {
                    leaves.Add(Read(leaf));
                }
            }
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new PeerCallException(new CallFault(PeerFault.Slow, $"no records within {FramePatience.TotalSeconds:0} s", TimeSpan.Zero), exception);
        }

        return leaves.Count > 0 ? leaves : throw Fault("no records, and no word why");
    }

    public async Task<IReadOnlyList<MerkleHash>> PrefixAsync(long prefix, long size, CancellationToken cancellationToken)
    {
        Wire.PrefixRequest request = new() { Log = log, Prefix = (ulong)prefix, Size = (ulong)size };
        PeerAnswer<Wire.PrefixResponse> answer = await calls.PrefixAsync(peer, request, cancellationToken);
        if (answer.Value is not { } response)
        {
            // A failure is noted on the peer already.
            throw new PeerCallException(new CallFault(null, answer.Reason, TimeSpan.Zero), null);
        }

        return response.Hashes.Count <= PrefixProof.MaxLength && response.Hashes.All(static hash => hash.Length == MerkleHash.Size)
            ? [.. response.Hashes.Select(static hash => MerkleHash.Of(hash.Span))]
            : throw Fault("a proof that has too many hashes, or such of another length");
    }

    private static MirrorLeaf Read(Wire.Leaf leaf) => (leaf.Text.Length, leaf.Hash.Length) switch
    {
        ( > 0, 0) => MirrorLeaf.OfText(leaf.Text.Memory),
        (0, MerkleHash.Size) => MirrorLeaf.OfHash(MerkleHash.Of(leaf.Hash.Span)),
        _ => throw Fault("a leaf that is neither a text nor a hash"),
    };

    private static PeerCallException Fault(string reason) => new(new CallFault(PeerFault.Protocol, reason, TimeSpan.Zero), null);
}
