using System.Net;

namespace Athens.Federation.Tests.OnLan.Captured;

/// <summary>What one side of a TCP connection sent.</summary>
internal sealed class OneWay(IPEndPoint from, IPEndPoint to)
{
    private readonly SortedDictionary<long, Conversation.Segment> segments = [];

    public IPEndPoint From => from;

    public IPEndPoint To => to;

    /// <summary>Sequence number of the first byte; null before its SYN.</summary>
    public uint? First { get; private set; }

    public void Add(Conversation.Segment segment)
    {
        if (segment.IsSynchronizing)
        {
            First = segment.Number + 1;
        }

        // Sent twice: the longer one has all of it.
        var at = (long)(int)(segment.Number - (First ?? segment.Number));
        if (segment.Bytes.Length > 0 && (!segments.TryGetValue(at, out var known) || known.Bytes.Length < segment.Bytes.Length))
        {
            segments[at] = segment;
        }
    }

    /// <summary>In the order in which they were sent. None may be missing.</summary>
    public TimedBytes Bytes()
    {
        TimedBytes bytes = new();
        foreach (var (at, segment) in segments)
        {
            Assert.True(at <= bytes.Length, $"the capture lacks bytes {bytes.Length} to {at} from {from} to {to}");
            var known = (int)(bytes.Length - at);
            if (known < segment.Bytes.Length)
            {
                bytes.Add(segment.Time, segment.Bytes.Span[known..]);
            }
        }

        return bytes;
    }
}
