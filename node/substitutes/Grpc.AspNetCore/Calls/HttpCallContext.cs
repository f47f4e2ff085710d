using System.Net.Sockets;
using Grpc.AspNetCore.Server.Wire;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>A call that is an HTTP/2 request.</summary>
internal sealed class HttpCallContext : ServerCallContext, IDisposable
{
    private readonly ResponseGate gate = new();
    private readonly CallDeadline? deadline;
    private Metadata? requestHeaders;
    private Metadata? responseTrailers;
    private AuthContext? authContext;

    public HttpCallContext(HttpContext http, GrpcServiceOptions options)
    {
        Http = http;
        Options = options;
        deadline = TimeoutText.TryParse(http.Request.Headers.GrpcTimeout, out var timeout) ? new CallDeadline(timeout, http.RequestAborted) : null;
    }

    public HttpContext Http { get; }

    public GrpcServiceOptions Options { get; }

    public bool HasDeadlinePassed => deadline is { HasPassed: true };

    /// <summary>Ends at the deadline; null without one.</summary>
    public Task? DeadlinePassing => deadline?.Passing;

    protected override string MethodCore => Http.Request.Path.Value!;

    protected override string HostCore => Http.Request.Host.Value!;

    protected override string PeerCore => Http.Connection switch
    {
        { RemoteIpAddress: { AddressFamily: AddressFamily.InterNetwork } address, RemotePort: var port } => $"ipv4:{address}:{port}",
        { RemoteIpAddress: { AddressFamily: AddressFamily.InterNetworkV6 } address, RemotePort: var port } => $"ipv6:[{address}]:{port}",
        _ => "unknown",
    };

    protected override DateTime DeadlineCore => deadline?.At ?? DateTime.MaxValue;

    protected override Metadata RequestHeadersCore => requestHeaders ??= RequestMetadata.Of(Http.Request.Headers);

    protected override CancellationToken CancellationTokenCore => deadline?.Token ?? Http.RequestAborted;

    protected override Metadata ResponseTrailersCore => responseTrailers ??= [];

    protected override Status StatusCore { get; set; }

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore => authContext ??= ClientIdentity.Of(Http.Connection.ClientCertificate);

    protected override IDictionary<object, object> UserStateCore => Http.Items!;

    public void Dispose() => deadline?.Dispose();

    public void AddTrailers(Metadata trailers)
    {
        foreach (var entry in trailers)
        {
            ResponseTrailers.Add(entry);
        }
    }

    /// <summary>
    /// Writes a message. With <paramref name="flush"/> it ends when what has not been sent is below Kestrel's
    /// MaxResponseBufferSize again, so a slow reader costs this and one message of memory. A flush that is cancelled resets the stream.
    /// </summary>
    public async Task WriteAsync<T>(T message, Marshaller<T> marshaller, bool flush, CancellationToken cancellationToken)
    {
        if (CancellationToken.IsCancellationRequested)
        {
            throw new InvalidOperationException("Can't write the message because the request is complete.");
        }

        gate.Enter();
        try
        {
            if (!Http.Response.HasStarted)
            {
                await Http.Response.StartAsync(CancellationToken.None);
            }

            marshaller.ContextualSerializer(message, new ResponseMessage(Http.Response.BodyWriter, Options.MaxSendMessageSize));
            if (flush)
            {
                await FlushAsync(cancellationToken);
            }
        }
        finally
        {
            gate.Leave();
        }
    }

    /// <summary>Ends the answer with a status, once; later statuses are dropped. Early: before the method has ended.</summary>
    public async Task EndAsync(Status status, bool early)
    {
        if (!await gate.CloseAsync() || Http.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        Calls.ResponseTrailers.Write(Http.Response, status, responseTrailers);
        if (early)
        {
            await Http.Response.CompleteAsync();
        }
    }

    protected override async Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        ArgumentNullException.ThrowIfNull(responseHeaders);
        gate.Enter();
        try
        {
            if (Http.Response.HasStarted)
            {
                throw new InvalidOperationException("Response headers can only be sent once per call.");
            }

            Calls.ResponseTrailers.Append(Http.Response.Headers, responseHeaders);
            await FlushAsync(CancellationToken.None);
        }
        finally
        {
            gate.Leave();
        }
    }

    /// <summary>The published package has none either.</summary>
    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) =>
        throw new NotImplementedException("hand on Deadline and CancellationToken themselves");

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        // Without a deadline nothing but the end of the stream cancels the call, and that ends the flush by itself.
        var own = deadline?.Token ?? CancellationToken.None;
        if (!cancellationToken.CanBeCanceled)
        {
            await Http.Response.BodyWriter.FlushAsync(own);
            return;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(own, cancellationToken);
        await Http.Response.BodyWriter.FlushAsync(either.Token);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
