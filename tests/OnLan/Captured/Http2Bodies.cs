using System.Buffers.Binary;

namespace Athens.Federation.Tests.OnLan.Captured;

/// <summary>
/// What the streams of one way of an HTTP/2 connection carry, without the frames (RFC 9113, 4.1): a word may stand across two. Headers stay as they are on the
/// wire: a literal one is its own text, or that text in Huffman's code, which is searched for too.
/// </summary>
internal static class Http2Bodies
{
    private const int FrameHeader = 9;
    private const byte Data = 0;
    private const byte Padded = 8;

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <param name="said">All that was said.</param>
    /// <param name="from">Frames that begin before this are left out.</param>
    /// <param name="to">And those that begin here or later.</param>
    public static IEnumerable<byte[]> Of(ReadOnlySpan<byte> said, int from, int to)
    {
        Dictionary<int, List<byte>> streams = [];
        for (var at = said.StartsWith(Preface) ? Preface.Length : 0; at + FrameHeader <= said.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(said[at..]) >>> 8;
            if (said[at + 3] == Data && at >= from && at < to)
            {
                var body = said.Slice(at + FrameHeader, Math.Min(length, said.Length - at - FrameHeader));
                var stream = BinaryPrimitives.ReadInt32BigEndian(said[(at + 5)..]);
                streams.TryAdd(stream, []);
                streams[stream].AddRange((said[at + 4] & Padded) != 0 ? body[1..^body[0]] : body);
            }

            at += FrameHeader + length;
        }

        return streams.Values.Select(static body => body.ToArray());
    }
}
