using Athens.Federation.Node.Federation.Serving;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Pools;

/// <summary>What members, and who would be one, may ask this node about the pool (pool.proto).</summary>
internal sealed class PoolFederation(CallEntrance entrance, PoolAnswers answers, JoinAnswers joins, IHostApplicationLifetime lifetime)
    : Wire.PoolService.PoolServiceBase
{
    /// <summary>Against the peer's rate, in plain calls: it may wait for the disk.</summary>
    private const int TellCost = 4;

    public override Task WatchPool(Wire.WatchPoolRequest request, IServerStreamWriter<Wire.PoolNews> responseStream, ServerCallContext context) =>
        entrance.PassAsync(context, nameof(WatchPool), 1, async call =>
        {
            await answers.WatchAsync(call, request, responseStream, lifetime.ApplicationStopping);
            return true;
        });

    public override Task<Wire.TellPoolResponse> TellPool(Wire.TellPoolRequest request, ServerCallContext context) =>
        entrance.PassAsync(context, nameof(TellPool), TellCost, call => answers.HearAsync(call, request));

    public override Task<Wire.JoinResponse> Join(Wire.JoinRequest request, ServerCallContext context) =>
        entrance.PassGuestAsync(context, nameof(Join), call => Task.FromResult(joins.Join(call.Peer.Key, request)));
}
