using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Node.Provenance.Witnessing;
using Google.Protobuf;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Witnessing;

/// <summary>Answers peers that ask for a cosignature, for the logs of peers that this node has been connected to.</summary>
internal sealed class WitnessDesk(Witness witness, PeerTable peers, ForkSearch forks)
{
    public async Task<Wire.AddCheckpointResponse> AddAsync(ServedCall call, Wire.AddCheckpointRequest request)
    {
        WitnessAnswer answer = await witness.AddCheckpointAsync(request.Body.Memory, origin => Find(origin, call.Peer), call.Cancelled);
        if (answer.Doubt is { } doubt)
        {
            await forks.LookAsync(doubt, call.Cancelled);
        }

        return answer.End switch
        {
            WitnessEnd.Cosigned => new Wire.AddCheckpointResponse { Cosignatures = ByteString.CopyFromUtf8(answer.Cosignatures) },
            WitnessEnd.Conflict => new Wire.AddCheckpointResponse { KnownSize = (ulong)answer.KnownSize, Known = UnsafeByteOperations.UnsafeWrap(answer.Known) },
            WitnessEnd.UnknownLog => throw Refusal.Of(StatusCode.NotFound, answer.Reason),
            WitnessEnd.Malformed => throw Refusal.Invalid(answer.Reason),
            _ => throw Refusal.Of(StatusCode.FailedPrecondition, answer.Reason),
        };
    }

    /// <summary>The caller's own log first: another peer may call its log by the same name.</summary>
    private WitnessedLog? Find(string origin, PeerOptions caller)
    {
        Peer? owner = peers.Peers
            .Where(peer => string.Equals(peer.LastLog?.Name, origin, StringComparison.Ordinal))
            .OrderBy(peer => peer.Options.Key == caller.Key ? 0 : 1)
            .FirstOrDefault();
        return owner?.LastLog is { } log ? new WitnessedLog(log, owner.Options.Key.ToString()) : null;
    }
}
