using System.Buffers;

namespace Athens.Federation.Node.Upstream;

/// <summary>Drains one pipe of a child to its end, keeping only so many bytes: a child must never block on a full pipe.</summary>
internal sealed class BoundedPipe
{
    private const int ReadSize = 16 << 10;

    private readonly int limit;
    private readonly ArrayBufferWriter<byte> kept = new();

    /// <summary>Guards kept: Bytes may be read by one who gave up waiting for the pipe's end.</summary>
    private readonly Lock gate = new();

    /// <param name="limit">Bytes kept, from the start.</param>
    public BoundedPipe(int limit) => this.limit = limit;

    /// <summary>The child wrote more than is kept.</summary>
    public bool Overflowed { get; private set; }

    /// <summary>What was kept so far. Only after <see cref="DrainAsync"/> has ended, or been given up.</summary>
    public byte[] Bytes
    {
        get
        {
            lock (gate)
            {
                return kept.WrittenSpan.ToArray();
            }
        }
    }

    /// <summary>Reads until the end of the pipe; <paramref name="onOverflow"/> is called once when the limit is passed.</summary>
    public async Task DrainAsync(Stream pipe, Action onOverflow)
    {
        byte[] buffer = new byte[ReadSize];
        try
        {
            int count;
            while ((count = await pipe.ReadAsync(buffer, CancellationToken.None)) > 0)
            {
                if (Keep(buffer.AsSpan(0, count)))
                {
                    onOverflow();
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The pipe was closed under us after the child's end: what was read stands.
        }
    }

    private bool Keep(ReadOnlySpan<byte> bytes)
    {
        lock (gate)
        {
            int room = limit - kept.WrittenCount;
            kept.Write(bytes[..Math.Min(room, bytes.Length)]);
            bool first = bytes.Length > room && !Overflowed;
            Overflowed |= first;
            return first;
        }
    }
}
