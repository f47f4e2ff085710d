using Athens.Federation.Node.Federation.Serving;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Logs;

/// <summary>What peers may ask this node about logs (provenance.proto).</summary>
internal sealed class LogFederation(
    CallEntrance entrance, RecordAnswers records, HeadAnswers heads, RelayedHeads relayed, LookupAnswers lookups, IHostApplicationLifetime lifetime)
    : Wire.LogService.LogServiceBase
{
    public override Task Records(
        Wire.RecordsRequest request, IServerStreamWriter<Wire.RecordsFrame> responseStream, ServerCallContext context) =>
        entrance.PassAsync(context, nameof(Records), 1, async call =>
        {
            await records.RecordsAsync(call, request, responseStream);
            return true;
        });

    public override Task<Wire.PrefixResponse> Prefix(Wire.PrefixRequest request, ServerCallContext context) =>
        entrance.PassAsync(context, nameof(Prefix), 1, call => records.PrefixAsync(call, request));

    public override Task Watch(Wire.WatchRequest request, IServerStreamWriter<Wire.HeadNews> responseStream, ServerCallContext context) =>
        entrance.PassAsync(context, nameof(Watch), 1, async call =>
        {
            await heads.WatchAsync(call, request, responseStream, lifetime.ApplicationStopping);
            return true;
        });

    public override Task WatchRelayed(Wire.WatchRelayedRequest request, IServerStreamWriter<Wire.RelayedHead> responseStream, ServerCallContext context) =>
        entrance.PassAsync(context, nameof(WatchRelayed), 1, async call =>
        {
            await relayed.WatchAsync(call, request, responseStream, lifetime.ApplicationStopping);
            return true;
        });

    public override Task<Wire.LookupResponse> Lookup(Wire.LookupRequest request, ServerCallContext context) =>
        entrance.PassAsync(
            context, nameof(Lookup), LookupAnswers.Cost, call => lookups.LookupAsync(call, request, lifetime.ApplicationStopping));

    public override Task<Wire.SeenHeadResponse> SeenHead(Wire.SeenHeadRequest request, ServerCallContext context) =>
        entrance.PassAsync(context, nameof(SeenHead), 1, call => heads.SeenAsync(call, request));
}
