using System.Buffers.Binary;
using System.Net;

namespace Athens.Federation.Tests.OnLan.Captured;

/// <summary>One TCP connection as it was captured: both ways.</summary>
/// <param name="Opened">Who connected, and what he sent.</param>
/// <param name="Answered">Who was connected to, and what it sent.</param>
internal sealed record Conversation(OneWay Opened, OneWay Answered)
{
    private const int Ethernet = 14;
    private const int TcpProtocol = 6;
    private const int Synchronize = 2;
    private const int Acknowledge = 16;

    /// <summary>All connections that began while the capture ran.</summary>
    public static IReadOnlyList<Conversation> All(IReadOnlyList<Frame> frames)
    {
        List<Conversation> all = [];
        Dictionary<(IPEndPoint From, IPEndPoint To), OneWay> open = [];
        foreach (var frame in frames)
        {
            if (Segment.Read(frame) is not { } segment)
            {
                continue;
            }

            if (segment.IsOpening && open.GetValueOrDefault((segment.From, segment.To))?.First != segment.Number + 1)
            {
                Conversation conversation = new(new OneWay(segment.From, segment.To), new OneWay(segment.To, segment.From));
                (open[(segment.From, segment.To)], open[(segment.To, segment.From)]) = (conversation.Opened, conversation.Answered);
                all.Add(conversation);
            }

            open.GetValueOrDefault((segment.From, segment.To))?.Add(segment);
        }

        return all;
    }

    /// <param name="From">Who sent it.</param>
    /// <param name="To">To whom.</param>
    /// <param name="Number">Sequence number of its first byte, or of SYN.</param>
    /// <param name="Flags">Of TCP.</param>
    /// <param name="Time">When.</param>
    /// <param name="Bytes">What it carries.</param>
    internal sealed record Segment(IPEndPoint From, IPEndPoint To, uint Number, int Flags, DateTimeOffset Time, ReadOnlyMemory<byte> Bytes)
    {
        public bool IsOpening => (Flags & (Synchronize | Acknowledge)) == Synchronize;

        public bool IsSynchronizing => (Flags & Synchronize) != 0;

        public static Segment? Read(Frame frame)
        {
            var packet = frame.Bytes[Ethernet..];
            return BinaryPrimitives.ReadUInt16BigEndian(frame.Bytes.Span[(Ethernet - 2)..]) switch
            {
                0x0800 when packet.Span[9] == TcpProtocol =>
                    Of(frame.Time, packet[12..16], packet[16..20], packet[((packet.Span[0] & 15) * 4)..BinaryPrimitives.ReadUInt16BigEndian(packet.Span[2..])]),
                0x86DD when packet.Span[6] == TcpProtocol =>
                    Of(frame.Time, packet[8..24], packet[24..40], packet.Slice(40, BinaryPrimitives.ReadUInt16BigEndian(packet.Span[4..]))),
                _ => null,
            };
        }

        private static Segment Of(DateTimeOffset time, ReadOnlyMemory<byte> from, ReadOnlyMemory<byte> to, ReadOnlyMemory<byte> tcp)
        {
            var span = tcp.Span;
            return new Segment(
                new IPEndPoint(new IPAddress(from.Span), BinaryPrimitives.ReadUInt16BigEndian(span)),
                new IPEndPoint(new IPAddress(to.Span), BinaryPrimitives.ReadUInt16BigEndian(span[2..])),
                BinaryPrimitives.ReadUInt32BigEndian(span[4..]),
                span[13],
                time,
                tcp[((span[12] >> 4) * 4)..]);
        }
    }
}
