using Athens.Federation.Node.Federation.Serving;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Witnessing;

/// <summary>What peers may ask this node as a witness (provenance.proto).</summary>
internal sealed class WitnessFederation(CallEntrance entrance, WitnessDesk desk) : Wire.WitnessService.WitnessServiceBase
{
    /// <summary>Against the peer's rate, in plain calls: it may wait for the disk.</summary>
    private const int Cost = 4;

    public override Task<Wire.AddCheckpointResponse> AddCheckpoint(Wire.AddCheckpointRequest request, ServerCallContext context) =>
        entrance.PassAsync(context, nameof(AddCheckpoint), Cost, call => desk.AddAsync(call, request));
}
