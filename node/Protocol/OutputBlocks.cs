namespace Athens.Federation.Node.Protocol;

/// <summary>
/// Buffers of one size for connections that are sending. The shared array pool keeps some seventy of them and lets the
/// garbage collector have the rest, so that 256 slow readers made it allocate, and the process grow, all the time.
/// </summary>
internal sealed class OutputBlocks
{
    /// <summary>Kept when nobody sends; more senders than that allocate and give up theirs.</summary>
    private const int MostKept = 256;

    private const int MostBytesKept = 16 << 20;

    // Guards the two below. The last one given back is the warmest, so it goes out first.
    private readonly Lock gate = new();
    private readonly byte[][] kept;
    private int count;

    public OutputBlocks(int size)
    {
        Size = size;
        kept = new byte[Math.Min(MostKept, MostBytesKept / size)][];
    }

    /// <summary>Bytes of each.</summary>
    public int Size { get; }

    public byte[] Rent()
    {
        lock (gate)
        {
            if (count > 0)
            {
                byte[] block = kept[--count];
                kept[count] = null!;
                return block;
            }
        }

        // Pinned, so that a send does not have to pin it and a collection does not have to move it.
        return GC.AllocateUninitializedArray<byte>(Size, pinned: true);
    }

    public void Return(byte[] block)
    {
        lock (gate)
        {
            if (count < kept.Length)
            {
                kept[count++] = block;
            }
        }
    }
}
