using System.Net;
using System.Net.Http.Headers;

namespace Grpc.Net.Client.Wire;

/// <summary>A request's body: its one message. May be sent more than once, when a connection turns out to be closing.</summary>
internal sealed class RequestContent : HttpContent
{
    private static readonly MediaTypeHeaderValue Grpc = new("application/grpc");
    private readonly byte[] message;

    public RequestContent(byte[] message)
    {
        this.message = message;
        Headers.ContentType = Grpc;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        stream.WriteAsync(message, cancellationToken).AsTask();

    // gRPC requests carry no content-length: a body is a stream of messages.
    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
