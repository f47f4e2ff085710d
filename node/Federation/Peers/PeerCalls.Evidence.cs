using System.Diagnostics;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Peers;

/// <content>Calls about evidence (provenance.proto).</content>
internal sealed partial class PeerCalls
{
    /// <summary>
    /// Ids of evidence as the peer finds it, unchecked, until the connection ends. It waits at the peer and does not count as a call under way. The reader notes failure on
    /// the peer.
    /// </summary>
    /// <exception cref="PeerCallException">The call did not end well.</exception>
    public static async IAsyncEnumerable<Wire.EvidenceNews> WatchEvidenceAsync(Peer peer, PeerLink link, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using Activity? span = Begin(peer, "watchevidence");
        using AsyncServerStreamingCall<Wire.EvidenceNews> call = EvidenceOf(link).WatchEvidence(
            new Wire.WatchEvidenceRequest(), new CallOptions(cancellationToken: cancellationToken));
        while (await NextAsync(call.ResponseStream, "watchevidence", span, cancellationToken))
        {
            yield return call.ResponseStream.Current;
        }

        End(span, "watchevidence", "answered");
    }

    /// <summary>Pieces of evidence as they come, unchecked. Without a deadline: the reader cancels, and notes failure on the peer.</summary>
    /// <exception cref="PeerCallException">The call did not end well.</exception>
    public static async IAsyncEnumerable<Wire.EvidencePiece> GiveEvidenceAsync(
        Peer peer, PeerLink link, Wire.GiveEvidenceRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using PeerLease lease = await peer.LeaseAsync(cancellationToken);
        using Activity? span = Begin(peer, "giveevidence");
        using AsyncServerStreamingCall<Wire.EvidencePiece> call = EvidenceOf(link).GiveEvidence(request, new CallOptions(cancellationToken: cancellationToken));
        while (await NextAsync(call.ResponseStream, "giveevidence", span, cancellationToken))
        {
            yield return call.ResponseStream.Current;
        }

        End(span, "giveevidence", "answered");
    }

    private static Wire.EvidenceService.EvidenceServiceClient EvidenceOf(PeerLink link) =>
        link.Evidence ?? throw new PeerCallException(new CallFault(null, "nothing is asked about evidence here", TimeSpan.Zero), null);
}
