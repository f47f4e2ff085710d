using Grpc.Core;

namespace Athens.Federation.Simulator.Network;

/// <summary>A call as the answering node's services see it.</summary>
internal sealed class ServedContext : ServerCallContext
{
    /// <summary>Where Grpc.AspNetCore looks for the request of a call.</summary>
    private const string HttpContextKey = "__HttpContext";

    private readonly string method;
    private readonly DateTime deadline;
    private readonly CancellationToken cancelled;

    public ServedContext(string method, HttpContext http, DateTime deadline, CancellationToken cancelled)
    {
        this.method = method;
        this.deadline = deadline;
        this.cancelled = cancelled;
        UserState[HttpContextKey] = http;
    }

    protected override string MethodCore => method;

    protected override string HostCore => "";

    protected override string PeerCore => "";

    protected override DateTime DeadlineCore => deadline;

    protected override Metadata RequestHeadersCore { get; } = [];

    protected override CancellationToken CancellationTokenCore => cancelled;

    protected override Metadata ResponseTrailersCore { get; } = [];

    protected override Status StatusCore { get; set; }

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore => throw new NotSupportedException();

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => Task.CompletedTask;

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) => throw new NotSupportedException();
}
