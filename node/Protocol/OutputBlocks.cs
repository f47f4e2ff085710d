namespace Athens.Federation.Node.Protocol;

/// <summary>
/// Buffers of one size for connections that are sending. The shared array pool keeps some seventy of them and lets the
/// garbage collector have the rest, so that 256 slow readers made it allocate, and the process grow, all the time.
/// </summary>
/// <param name="size">Bytes of each.</param>
/// <param name="mostKept">When nobody sends; more senders than that allocate and give up theirs.</param>
internal sealed class OutputBlocks(int size, int mostKept)
{
    private readonly Lock gate = new();

    // The last one given back is the warmest, so it goes out first.
    private readonly Stack<OutputBlock> kept = new();

    public OutputBlock Rent()
    {
        lock (gate)
        {
            if (kept.TryPop(out var block))
            {
                return block;
            }
        }

        return new Block(this, size);
    }

    private void Keep(Block block)
    {
        lock (gate)
        {
            if (kept.Count < mostKept)
            {
                kept.Push(block);
            }
        }
    }

    private sealed class Block(OutputBlocks home, int size) : OutputBlock
    {
        public override Memory<byte> Bytes { get; } = Allocate(size);

        public override void Return() => home.Keep(this);
    }
}
