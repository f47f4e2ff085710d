using System.Numerics;

namespace Athens.Federation.Node.Protocol;

/// <summary>
/// Large blocks, each lent as a whole or in eight parts. Most senders give theirs back at once, and whole ones make them fast; those who wait for a slow
/// client keep theirs, and may be many. So the first senders have whole ones and all others parts, of the same memory.
/// </summary>
/// <param name="size">Bytes of a whole one.</param>
internal sealed class DividedBlocks(int size)
{
    public const int Parts = 8;

    private const byte AllParts = byte.MaxValue;

    /// <summary>More senders at once than these, which take 2 MiB, get parts: 256 clients that do not read hold 4 MiB besides.</summary>
    private const int MostWhole = 16;

    /// <summary>When nobody sends; enough for the whole ones and 256 senders of parts.</summary>
    private const int MostKept = 48;

    private readonly Lock gate = new();
    private readonly Stack<Whole> kept = new();

    /// <summary>Some of their parts are lent and some are not.</summary>
    private readonly List<Whole> divided = [];

    private int wholeLent;

    /// <summary>A whole one while few are lent, else a part.</summary>
    public OutputBlock Rent()
    {
        lock (gate)
        {
            if (wholeLent < MostWhole)
            {
                return LendWhole();
            }

            if (divided.Count == 0)
            {
                divided.Add(Take());
            }

            var whole = divided[^1];
            int part = BitOperations.TrailingZeroCount(whole.Free);
            whole.Free &= (byte)(whole.Free - 1);
            if (whole.Free == 0)
            {
                divided.RemoveAt(divided.Count - 1);
            }

            return whole.Divided[part];
        }
    }

    public OutputBlock RentWhole()
    {
        lock (gate)
        {
            return LendWhole();
        }
    }

    private Whole LendWhole()
    {
        wholeLent++;
        return Take();
    }

    private Whole Take() => kept.TryPop(out var whole) ? whole : new Whole(this, size);

    private void Return(Whole whole)
    {
        lock (gate)
        {
            wholeLent--;
            Keep(whole);
        }
    }

    private void Return(Whole whole, int part)
    {
        lock (gate)
        {
            if (whole.Free == 0)
            {
                divided.Add(whole);
            }

            whole.Free |= (byte)(1 << part);
            if (whole.Free == AllParts)
            {
                divided.Remove(whole);
                Keep(whole);
            }
        }
    }

    private void Keep(Whole whole)
    {
        if (kept.Count < MostKept)
        {
            kept.Push(whole);
        }
    }

    private sealed class Whole : OutputBlock
    {
        private readonly DividedBlocks home;

        public Whole(DividedBlocks home, int size)
        {
            this.home = home;
            Bytes = Allocate(size);
            Divided = [.. Enumerable.Range(0, Parts).Select(part => new Part(this, part, Bytes.Slice(part * (size / Parts), size / Parts)))];
        }

        public override Memory<byte> Bytes { get; }

        public Part[] Divided { get; }

        /// <summary>A bit for each part that is not lent.</summary>
        public byte Free { get; set; } = AllParts;

        public override void Return() => home.Return(this);

        public void Return(int part) => home.Return(this, part);
    }

    private sealed class Part(Whole whole, int number, Memory<byte> bytes) : OutputBlock
    {
        public override Memory<byte> Bytes => bytes;

        public override void Return() => whole.Return(number);
    }
}
