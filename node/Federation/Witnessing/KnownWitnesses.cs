using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Provenance.Witnessing;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Federation.Witnessing;

/// <summary>The witness keys of this node's peers, and whether a head has enough of them (<c>[pool] witnesses</c>).</summary>
internal sealed class KnownWitnesses(PeerTable peers, FederationOptions options, TimeProvider time)
{
    /// <summary>Organizations; 0: the log's own signature is enough.</summary>
    public int Needed => options.Witnesses;

    /// <summary>Why a head of this peer's log is not to be believed yet; null when enough organizations have witnessed it.</summary>
    /// <param name="peer">Whose log it is.</param>
    /// <param name="checkpoint">The signed head; empty for none that is cosigned.</param>
    public string? WhyNot(Peer peer, ReadOnlySpan<byte> checkpoint)
    {
        if (checkpoint.IsEmpty)
        {
            return "no witness has cosigned its head yet";
        }

        if (SignedNote.Parse(checkpoint, out string? reason) is not { } note)
        {
            return reason;
        }

        IEnumerable<KnownWitness> known = peers.Peers.Where(other => other != peer).Select(static other => new KnownWitness(other.LastWitness, other.Options.Org));
        int count = WitnessRule.Count(note, peer.Options.Org, known, time.GetUtcNow());
        return count < Needed ? $"{count} of {Needed} organizations have witnessed its head" : null;
    }
}
