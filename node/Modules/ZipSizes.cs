using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Athens.Federation.Node.Modules;

/// <summary>Sizes and place of an entry: 32-bit fields, or the zip64 extra where a field says so (APPNOTE 4.5.3).</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ZipSizes(ulong Uncompressed, ulong Compressed, ulong HeaderOffset)
{
    private const ushort Zip64Tag = 1;

    /// <summary>Null when a field points to a zip64 value that is not there.</summary>
    public static ZipSizes? Read(ReadOnlySpan<byte> header, ReadOnlySpan<byte> extra)
    {
        ReadOnlySpan<byte> wide = FindZip64(extra);
        return Take(BinaryPrimitives.ReadUInt32LittleEndian(header[24..]), ref wide, out ulong uncompressed)
            && Take(BinaryPrimitives.ReadUInt32LittleEndian(header[20..]), ref wide, out ulong compressed)
            && Take(BinaryPrimitives.ReadUInt32LittleEndian(header[42..]), ref wide, out ulong offset)
                ? new ZipSizes(uncompressed, compressed, offset)
                : null;
    }

    // As Go does: the first zip64 field counts, and extras that are malformed end the search.
    private static ReadOnlySpan<byte> FindZip64(ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4)
        {
            ushort tag = BinaryPrimitives.ReadUInt16LittleEndian(extra);
            ushort length = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            extra = extra[4..];
            if (length > extra.Length)
            {
                break;
            }

            if (tag == Zip64Tag)
            {
                return extra[..length];
            }

            extra = extra[length..];
        }

        return default;
    }

    private static bool Take(uint narrow, scoped ref ReadOnlySpan<byte> wide, out ulong value)
    {
        value = narrow;
        if (narrow != uint.MaxValue)
        {
            return true;
        }

        bool there = BinaryPrimitives.TryReadUInt64LittleEndian(wide, out value);
        wide = there ? wide[8..] : wide;
        return there;
    }
}
