using Athens.Federation.Node.Federation.Serving;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Incidents;

/// <summary>What peers may ask this node about evidence (provenance.proto).</summary>
internal sealed class EvidenceFederation(CallEntrance entrance, EvidenceAnswers answers, IHostApplicationLifetime lifetime)
    : Wire.EvidenceService.EvidenceServiceBase
{
    public override Task WatchEvidence(
        Wire.WatchEvidenceRequest request, IServerStreamWriter<Wire.EvidenceNews> responseStream, ServerCallContext context) =>
        entrance.PassAsync(context, nameof(WatchEvidence), 1, async call =>
        {
            await answers.WatchAsync(call, responseStream, lifetime.ApplicationStopping);
            return true;
        });

    public override Task GiveEvidence(
        Wire.GiveEvidenceRequest request, IServerStreamWriter<Wire.EvidencePiece> responseStream, ServerCallContext context) =>
        entrance.PassAsync(context, nameof(GiveEvidence), 1, async call =>
        {
            await answers.GiveAsync(call, request, responseStream);
            return true;
        });
}
