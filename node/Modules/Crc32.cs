using System.Buffers.Binary;

namespace Athens.Federation.Node.Modules;

/// <summary>The CRC-32 of zip archives (ISO 3309, reflected polynomial EDB88320), eight bytes a step.</summary>
internal static class Crc32
{
    private const uint Polynomial = 0xedb88320;
    private const int Slices = 8;

    private static readonly uint[] Table = MakeTable();

    /// <summary>The checksum of what gave <paramref name="crc"/> (0 for nothing) followed by <paramref name="data"/>.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> data)
    {
        uint[] table = Table;
        crc = ~crc;
        while (data.Length >= Slices)
        {
            uint low = BinaryPrimitives.ReadUInt32LittleEndian(data) ^ crc;
            uint high = BinaryPrimitives.ReadUInt32LittleEndian(data[4..]);
            crc = table[(7 * 256) + (low & 0xff)] ^ table[(6 * 256) + (low >> 8 & 0xff)]
                ^ table[(5 * 256) + (low >> 16 & 0xff)] ^ table[(4 * 256) + (low >> 24)]
                ^ table[(3 * 256) + (high & 0xff)] ^ table[(2 * 256) + (high >> 8 & 0xff)]
                ^ table[256 + (high >> 16 & 0xff)] ^ table[high >> 24];
            data = data[Slices..];
        }

        foreach (byte b in data)
        {
            crc = crc >> 8 ^ table[(crc ^ b) & 0xff];
        }

        return ~crc;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[Slices * 256];
        for (uint i = 0; i < 256; i++)
        {
            uint crc = i;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = crc >> 1 ^ ((crc & 1) * Polynomial);
            }

            table[i] = crc;
        }

        for (int i = 256; i < table.Length; i++)
        {
            table[i] = table[i - 256] >> 8 ^ table[table[i - 256] & 0xff];
        }

        return table;
    }
}
