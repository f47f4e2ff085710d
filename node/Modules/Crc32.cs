using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Athens.Federation.Node.Modules;

/// <summary>
/// The CRC-32 of zip archives (ISO 3309, reflected polynomial EDB88320): 64 bytes a step by carry-less multiplication where the processor has it
/// (Gopal and others, "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction", Intel 2009), else eight by tables.
/// </summary>
internal static class Crc32
{
    private const uint Polynomial = 0xedb88320;
    private const int Slices = 8;

    /// <summary>Bytes folded at once: four registers.</summary>
    private const int Stride = 64;

    private static readonly uint[] Table = MakeTable();

    /// <summary>x^(512+32) and x^(512-32) modulo the polynomial, reflected: what carries a register over the next <see cref="Stride"/> bytes.</summary>
    private static readonly Vector128<ulong> OverStride = Vector128.Create(0x1_5444_2bd4ul, 0x1_c6e4_1596ul);

    /// <summary>x^(128+32) and x^(128-32), likewise: over the next register.</summary>
    private static readonly Vector128<ulong> OverRegister = Vector128.Create(0x1_7519_97d0ul, 0xcca_a009eul);

    /// <summary>The checksum of what gave <paramref name="crc"/> (0 for nothing) followed by <paramref name="data"/>.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> data)
    {
        crc = ~crc;
        if (Pclmulqdq.IsSupported && data.Length >= 2 * Stride)
        {
            int folded = data.Length - (data.Length % Stride);
            crc = Fold(crc, data[..folded]);
            data = data[folded..];
        }

        return ~AppendByTable(crc, data);
    }

    private static uint AppendByTable(uint crc, ReadOnlySpan<byte> data)
    {
        uint[] table = Table;
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

        return crc;
    }

    /// <summary>Of whole strides, at least one. What is left in the end is a register that has the checksum of all that went into it.</summary>
    private static uint Fold(uint crc, ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<Vector128<ulong>> registers = MemoryMarshal.Cast<byte, Vector128<ulong>>(data);
        Vector128<ulong> one = registers[0] ^ Vector128.CreateScalar((ulong)crc);
        Vector128<ulong> two = registers[1];
        Vector128<ulong> three = registers[2];
        Vector128<ulong> four = registers[3];
        for (int i = 4; i + 3 < registers.Length; i += 4)
        {
            one = Carry(one, OverStride) ^ registers[i];
            two = Carry(two, OverStride) ^ registers[i + 1];
            three = Carry(three, OverStride) ^ registers[i + 2];
            four = Carry(four, OverStride) ^ registers[i + 3];
        }

        two ^= Carry(one, OverRegister);
        three ^= Carry(two, OverRegister);
        four ^= Carry(three, OverRegister);
        return AppendByTable(0, MemoryMarshal.AsBytes(new ReadOnlySpan<Vector128<ulong>>(in four)));
    }

    private static Vector128<ulong> Carry(Vector128<ulong> register, Vector128<ulong> by) =>
        Pclmulqdq.CarrylessMultiply(register, by, 0x00) ^ Pclmulqdq.CarrylessMultiply(register, by, 0x11);

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
