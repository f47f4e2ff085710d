using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Peers;

/// <content>Calls for cosignatures (provenance.proto).</content>
internal sealed partial class PeerCalls
{
    /// <summary>The witness waits for its disk first.</summary>
    private static readonly TimeSpan WitnessPatience = TimeSpan.FromSeconds(10);

    public Task<PeerAnswer<Wire.AddCheckpointResponse>> AddCheckpointAsync(Peer peer, Wire.AddCheckpointRequest request, CancellationToken cancellationToken) =>
        CallAsync(
            peer,
            new CallRules("addcheckpoint", WitnessPatience),
            (link, options) => (link.Witness ?? throw new RpcException(new Status(StatusCode.Unimplemented, "nothing is asked of witnesses here"))).AddCheckpointAsync(request, options),
            cancellationToken);
}
