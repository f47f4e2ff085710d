namespace Athens.Federation.Tests.Federation.Serving;

/// <summary>Lets a connection's bytes pass and notes how large the TLS records are that come (RFC 8446, 5.1).</summary>
internal sealed class RecordSizes(Stream inner) : Stream
{
    private readonly byte[] header = new byte[5];
    private int headerLength;
    private int bodyLeft;

    public List<int> Sizes { get; } = [];

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await inner.ReadAsync(buffer, cancellationToken);
        for (int at = 0; at < read;)
        {
            at += Step(buffer.Span[at..read]);
        }

        return read;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        inner.WriteAsync(buffer, cancellationToken);

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        inner.Dispose();
        base.Dispose(disposing);
    }

    private int Step(ReadOnlySpan<byte> bytes)
    {
        if (bodyLeft > 0)
        {
            int passed = Math.Min(bodyLeft, bytes.Length);
            bodyLeft -= passed;
            return passed;
        }

        header[headerLength++] = bytes[0];
        if (headerLength == header.Length)
        {
            headerLength = 0;
            bodyLeft = (header[3] << 8) | header[4];
            Sizes.Add(bodyLeft);
        }

        return 1;
    }
}
