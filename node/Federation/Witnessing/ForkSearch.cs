using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Provenance.Mirrors;
using Athens.Federation.Node.Provenance.Witnessing;
using Athens.Federation.Node.Transparency;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Witnessing;

/// <summary>
/// Two checkpoints of one log and of different sizes, which may be of two histories: finds the hashes that show it, so that there is evidence before the log's
/// node is told and stops. A smaller one than what was cosigned is compared by what this node mirrors, a larger one by what its own node tells of its tree.
/// </summary>
internal sealed class ForkSearch(MirrorSet mirrors, PeerTable peers, PeerCalls calls, IIncidents incidents, ILogger<ForkSearch> logger)
{
    /// <summary>Reports a fork if there is one that can be shown. Never throws but when it is cancelled.</summary>
    public async Task LookAsync(DoubtfulCheckpoints doubt, CancellationToken cancellationToken)
    {
        NoteVerifier key = doubt.Log.Key;
        if (SignedHeads.TreeOf(doubt.Known, key, out _) is not { } known || SignedHeads.TreeOf(doubt.Met, key, out _) is not { } met)
        {
            return;
        }

        try
        {
            IReadOnlyList<MerkleHash>? proof = met.Size < known.Size
                ? await ByMirrorAsync(key, met.Size, known.Size, cancellationToken)
                : await ByOwnerAsync(doubt.Log, known.Size, met.Size, cancellationToken);
            if (proof is null)
            {
                return;
            }

            byte[] evidence = Evidence.OfForkedLog(key, doubt.Known, doubt.Met, proof);
            if (EvidenceVerifier.Verify(evidence, out _) is not null)
            {
                logger.ForkMet(key.Name, known.Size, met.Size);
                await incidents.ReportAsync(evidence, CancellationToken.None);
            }
        }
        catch (IOException error)
        {
            logger.ForkNotKept(key.Name, error.Message);
        }
    }

    private async Task<IReadOnlyList<MerkleHash>?> ByMirrorAsync(NoteVerifier key, long prefix, long size, CancellationToken cancellationToken)
    {
        Mirror? mirror = mirrors.Find(key);
        return prefix > 0 && mirror?.HashesAt(size) is { } hashes ? await PrefixProof.ProveAsync(prefix, size, hashes, cancellationToken) : null;
    }

    private async Task<IReadOnlyList<MerkleHash>?> ByOwnerAsync(WitnessedLog log, long prefix, long size, CancellationToken cancellationToken)
    {
        if (!PeerKey.TryParse(log.Owner, out PeerKey owner, out _) || peers.Find(owner) is not { Link: not null } peer)
        {
            return null;
        }

        Wire.PrefixRequest request = new() { Log = log.Key.Name, Prefix = (ulong)prefix, Size = (ulong)size };
        PeerAnswer<Wire.PrefixResponse> answer = await calls.PrefixAsync(peer, request, cancellationToken);
        return answer.Value is { } response && response.Hashes.Count <= PrefixProof.MaxLength && response.Hashes.All(static hash => hash.Length == MerkleHash.Size)
            ? [.. response.Hashes.Select(static hash => MerkleHash.Of(hash.Span))]
            : null;
    }
}
