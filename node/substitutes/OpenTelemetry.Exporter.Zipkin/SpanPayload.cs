using System.Net;
using System.Net.Http.Headers;

namespace OpenTelemetry.Exporter;

/// <summary>
/// One request's body. It is written only when the connection asks for its length: a handler that refuses the request
/// (because the collector is known to be down) spares the work.
/// </summary>
internal sealed class SpanPayload : HttpContent
{
    private readonly SpanFeed feed;
    private ReadOnlyMemory<byte> bytes;

    public SpanPayload(SpanFeed feed)
    {
        this.feed = feed;
        Headers.ContentType = new MediaTypeHeaderValue("application/json");
    }

    public bool IsWritten { get; private set; }

    protected override bool TryComputeLength(out long length)
    {
        length = Bytes().Length;
        return true;
    }

    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        stream.Write(Bytes().Span);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(
        Stream stream,
        TransportContext? context,
        CancellationToken cancellationToken) =>
        stream.WriteAsync(Bytes(), cancellationToken).AsTask();

    private ReadOnlyMemory<byte> Bytes()
    {
        if (!IsWritten)
        {
            bytes = feed.NextPayload();
            IsWritten = true;
        }

        return bytes;
    }
}
