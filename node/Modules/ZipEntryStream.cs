namespace Athens.Federation.Node.Modules;

/// <summary>
/// One entry's bytes as they lie in the file: what DeflateStream may read, and not a byte more. DeflateStream takes
/// data without their last block for whole, which Go refuses; that it asked for more than there is tells them apart.
/// </summary>
internal sealed class ZipEntryStream : Stream
{
    private readonly ZipSource source;
    private readonly long end;
    private long position;

    public ZipEntryStream(ZipSource source, long start, long length)
    {
        this.source = source;
        position = start;
        end = start + length;
    }

    /// <summary>The reader wanted bytes after the last one.</summary>
    public bool WantedMore { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int length = (int)Math.Min(buffer.Length, end - position);
        if ((length == 0 && !buffer.IsEmpty) || !source.TryRead(position, buffer[..length]))
        {
            WantedMore = true; // at the end, or the file shrank: either way the entry is cut short
            return 0;
        }

        position += length;
        return length;
    }

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
