using System.Buffers.Binary;
using System.IO.Compression;
using Athens.Federation.Node.Modules;

namespace Athens.Federation.Tests.Modules;

public class Crc32Tests
{
    private static readonly byte[] Content = RandomBytes();

    /// <summary>The lengths around each step: tables, one register, one stride, several.</summary>
    public static TheoryData<int> Lengths => [.. Enumerable.Range(0, 20), 63, 64, 65, 127, 128, 129, 143, 191, 192, 193, 255, 256, 1000, 4096, 65_535, 65_536];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void The_checksum_is_what_zlib_computes(int length)
    {
        ReadOnlySpan<byte> data = Content.AsSpan(3, length);
        Assert.Equal(OfZlib(data), Crc32.Append(0, data));
    }

    [Fact]
    public void It_goes_on_from_any_part()
    {
        var whole = OfZlib(Content);
        for (var cut = 0; cut < 300; cut++)
        {
            Assert.Equal(whole, Crc32.Append(Crc32.Append(0, Content.AsSpan(0, cut)), Content.AsSpan(cut)));
        }
    }

    /// <summary>Out of the trailer of a gzip file (RFC 1952, 2.3.1).</summary>
    private static uint OfZlib(ReadOnlySpan<byte> data)
    {
        using var file = new MemoryStream();
        using (var gzip = new GZipStream(file, CompressionLevel.NoCompression, leaveOpen: true))
        {
            gzip.Write(data);
        }

        // Of nothing .NET makes no file at all.
        return file.Length == 0 ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(file.ToArray().AsSpan(^8..));
    }

    private static byte[] RandomBytes()
    {
        var bytes = new byte[1 << 17];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
