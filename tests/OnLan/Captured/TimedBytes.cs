using System.Buffers;

namespace Athens.Federation.Tests.OnLan.Captured;

/// <summary>Bytes that came one after another, and when.</summary>
internal sealed class TimedBytes
{
    private readonly ArrayBufferWriter<byte> bytes = new();
    private readonly List<(long End, DateTimeOffset Time)> marks = [];

    public long Length => bytes.WrittenCount;

    public ReadOnlyMemory<byte> All => bytes.WrittenMemory;

    public void Add(DateTimeOffset time, ReadOnlySpan<byte> some)
    {
        bytes.Write(some);
        marks.Add((bytes.WrittenCount, time));
    }

    /// <summary>When the byte at an offset came.</summary>
    public DateTimeOffset TimeOf(long offset) => marks.First(mark => offset < mark.End).Time;

    /// <summary>How many came before a moment.</summary>
    public int Before(DateTimeOffset moment) => (int)marks.TakeWhile(mark => mark.Time < moment).Select(static mark => mark.End).LastOrDefault();
}
