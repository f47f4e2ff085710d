using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Serving;

/// <summary>
/// What peers may ask this node (federation.proto). Answers from its own store only: a question of one peer never becomes
/// a question to another, nor to upstream.
/// </summary>
internal sealed class FederationService : Wire.PeerService.PeerServiceBase
{
    private readonly CallEntrance entrance;
    private readonly Introductions introductions;
    private readonly Locator locator;
    private readonly VersionAnswers versions;
    private readonly FileAnswers files;
    private readonly IHostApplicationLifetime lifetime;

    public FederationService(
        CallEntrance entrance,
        Introductions introductions,
        Locator locator,
        VersionAnswers versions,
        FileAnswers files,
        IHostApplicationLifetime lifetime)
    {
        this.entrance = entrance;
        this.introductions = introductions;
        this.locator = locator;
        this.versions = versions;
        this.files = files;
        this.lifetime = lifetime;
    }

    public override Task<Wire.WhoAreYouResponse> WhoAreYou(Wire.WhoAreYouRequest request, ServerCallContext context) =>
        entrance.PassAsync(context, nameof(WhoAreYou), 1, call => Task.FromResult(introductions.Answer(call, request)));

    public override Task<Wire.LocateResponse> Locate(Wire.LocateRequest request, ServerCallContext context) =>
        entrance.PassAsync(
            context, nameof(Locate), Locator.Cost(request), call => locator.LocateAsync(call, request, lifetime.ApplicationStopping));

    public override Task<Wire.VersionsResponse> Versions(Wire.VersionsRequest request, ServerCallContext context) =>
        entrance.PassAsync(context, nameof(Versions), 1, call => versions.VersionsAsync(call, request));

    public override Task<Wire.ResolveResponse> Resolve(Wire.ResolveRequest request, ServerCallContext context) =>
        entrance.PassAsync(context, nameof(Resolve), 1, call => versions.ResolveAsync(call, request));

    public override Task Fetch(
        Wire.FetchRequest request, IServerStreamWriter<Wire.FetchFrame> responseStream, ServerCallContext context) =>
        entrance.PassAsync(context, nameof(Fetch), 1, async call =>
        {
            await files.FetchAsync(call, request, responseStream);
            return true;
        });
}
