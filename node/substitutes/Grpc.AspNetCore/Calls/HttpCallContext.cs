using System.Net.Sockets;
using Grpc.AspNetCore.Server.Wire;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>A call that is an HTTP/2 request.</summary>
internal sealed class HttpCallContext : ServerCallContext, IDisposable
{
    /// <summary>CANCEL (RFC 9113, 7).</summary>
    private const int CancelCode = 8;

    /// <summary>
    /// A write that is under way at the deadline may end within this, and the status follows it. Whoever reads at all takes
    /// it in time; else the stream is reset.
    /// </summary>
    private static readonly TimeSpan WriteGrace = TimeSpan.FromMilliseconds(500);

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
        // Not with a token: Kestrel would reset the stream at once, and as INTERNAL_ERROR, where a client should see its deadline.
        var flush = Http.Response.BodyWriter.FlushAsync(CancellationToken.None);
        if (!flush.IsCompleted)
        {
            using var giveUp = new CancellationTokenSource();
            using var reset = giveUp.Token.UnsafeRegister(static call => ((HttpCallContext)call!).Reset(), this);
            using var late = deadline?.Token.UnsafeRegister(static giveUp => ((CancellationTokenSource)giveUp!).CancelAfter(WriteGrace), giveUp);

            // The call's own token is the deadline, or the end of the stream, which ends the flush by itself.
            using var unwanted = cancellationToken == CancellationToken
                ? default
                : cancellationToken.UnsafeRegister(static giveUp => ((CancellationTokenSource)giveUp!).Cancel(), giveUp);
            await flush;
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>CANCEL: clients take it for the deadline when theirs has passed (PROTOCOL-HTTP2.md, "Errors").</summary>
    private void Reset()
    {
        if (Http.Features.Get<IHttpResetFeature>() is { } stream)
        {
            stream.Reset(CancelCode);
        }
        else
        {
            Http.Abort();
        }
    }
}
