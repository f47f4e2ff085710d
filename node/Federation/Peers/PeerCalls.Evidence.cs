using System.Diagnostics;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Peers;

/// <content>Calls about evidence (provenance.proto).</content>
internal sealed partial class PeerCalls
{
    /// <summary>Evidence as the peer finds it, unchecked, until the connection ends. It waits at the peer and does not count as a call under way. The reader notes failure on the peer.</summary>
    /// <exception cref="PeerCallException">The call did not end well.</exception>
    public static async IAsyncEnumerable<Wire.EvidenceNews> WatchEvidenceAsync(
        Peer peer, PeerLink link, Wire.WatchEvidenceRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using Activity? span = Begin(peer, "watchevidence");
        Wire.EvidenceService.EvidenceServiceClient client = link.Evidence
            ?? throw new PeerCallException(new CallFault(null, "nothing is asked about evidence here", TimeSpan.Zero), null);
        using AsyncServerStreamingCall<Wire.EvidenceNews> call = client.WatchEvidence(request, new CallOptions(cancellationToken: cancellationToken));
        while (await NextAsync(call.ResponseStream, "watchevidence", span, cancellationToken))
        {
            yield return call.ResponseStream.Current;
        }

        End(span, "watchevidence", "answered");
    }
}
