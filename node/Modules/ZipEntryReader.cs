using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Athens.Federation.Node.Modules;

/// <summary>
/// Reads entries one by one, in the order of the file: their own header against the directory, size, CRC, SHA-256.
/// </summary>
internal sealed class ZipEntryReader : IDisposable
{
    private const int HeaderLength = 30;
    private const int Encrypted = 1 | 1 << 6 | 1 << 13;

    // CRC and two 32-bit sizes. A signature may stand before, and sizes may be 64-bit; Go, and we, read the CRC only.
    private const int DescriptorLength = 12;

    private const int BufferSize = 64 << 10;

    private readonly ZipSource source;
    private readonly ZipDirectory directory;
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] buffer = new byte[BufferSize];

    public ZipEntryReader(ZipSource source, ZipDirectory directory)
    {
        this.source = source;
        this.directory = directory;
    }

    private static ReadOnlySpan<byte> HeaderSignature => "PK\x03\x04"u8;

    private static ReadOnlySpan<byte> DescriptorSignature => "PK\x07\x08"u8;

    /// <summary>Checks one entry, and says what is wrong with it or null.</summary>
    /// <param name="entry">The entry as the directory has it.</param>
    /// <param name="limit">Where the next entry, or the directory, begins: nothing of this one may lie there.</param>
    /// <param name="digest">Takes the SHA-256 of the content.</param>
    /// <param name="content">Takes the content itself where it is wanted; as long as the declared size.</param>
    public string? Check(in ZipEntry entry, long limit, Span<byte> digest, Span<byte> content)
    {
        string? wrong = CheckHeader(entry, out long start);
        if (wrong is not null)
        {
            return wrong;
        }

        long end = start + entry.CompressedSize;
        wrong = CheckDescriptor(entry, ref end);
        if (wrong is not null || end > limit)
        {
            return wrong ?? "overlaps what follows it";
        }

        return CheckContent(entry, start, digest, content);
    }

    public void Dispose() => hash.Dispose();

    private string? CheckHeader(in ZipEntry entry, out long start)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        start = entry.HeaderOffset + HeaderLength;
        if (!source.TryRead(entry.HeaderOffset, header) || !header.StartsWith(HeaderSignature))
        {
            return "has no header of its own where the directory says";
        }

        ushort nameLength = BinaryPrimitives.ReadUInt16LittleEndian(header[26..]);
        ushort extraLength = BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
        Span<byte> name = buffer.AsSpan(0, nameLength);
        if (!source.TryRead(start, name) || !name.SequenceEqual(directory.NameOf(entry)))
        {
            return "has another name in its own header than in the directory";
        }

        start += nameLength + extraLength;
        if ((BinaryPrimitives.ReadUInt16LittleEndian(header[6..]) & Encrypted) != 0
            || BinaryPrimitives.ReadUInt16LittleEndian(header[8..]) != (ushort)entry.Method
            || !Agrees(header[14..], entry.Crc, entry.HasDescriptor)
            || !AgreesOrIsWide(header[18..], entry.CompressedSize, entry.HasDescriptor)
            || !AgreesOrIsWide(header[22..], entry.Size, entry.HasDescriptor))
        {
            return "has a header of its own that contradicts the directory";
        }

        return null;
    }

    // With a data descriptor behind the data, the header may leave the field empty.
    private static bool Agrees(ReadOnlySpan<byte> field, uint central, bool mayBeEmpty)
    {
        uint local = BinaryPrimitives.ReadUInt32LittleEndian(field);
        return local == central || (mayBeEmpty && local == 0);
    }

    // 0xffffffff sends the reader to the header's own zip64 field, which Go never reads.
    private static bool AgreesOrIsWide(ReadOnlySpan<byte> field, uint central, bool mayBeEmpty) =>
        Agrees(field, central, mayBeEmpty) || BinaryPrimitives.ReadUInt32LittleEndian(field) == uint.MaxValue;

    private string? CheckDescriptor(in ZipEntry entry, ref long end)
    {
        if (!entry.HasDescriptor)
        {
            return null;
        }

        Span<byte> descriptor = stackalloc byte[DescriptorLength];
        if (!source.TryRead(end, descriptor))
        {
            return "is cut short";
        }

        bool signed = descriptor.StartsWith(DescriptorSignature);
        end += DescriptorLength + (signed ? DescriptorSignature.Length : 0);
        return BinaryPrimitives.ReadUInt32LittleEndian(descriptor[(signed ? 4 : 0)..]) == entry.Crc
            ? null
            : "has one checksum in the directory and another behind its data";
    }

    private string? CheckContent(in ZipEntry entry, long start, Span<byte> digest, Span<byte> content)
    {
        using var raw = new ZipEntryStream(source, start, entry.CompressedSize);
        try
        {
            if (entry.Method == ZipMethod.Stored)
            {
                return Consume(raw, entry, digest, content);
            }

            using var inflated = new DeflateStream(raw, CompressionMode.Decompress);
            return Consume(inflated, entry, digest, content)
                ?? (raw.WantedMore ? "is damaged: its data are cut short" : null);
        }
        catch (InvalidDataException)
        {
            return "is damaged: it does not inflate";
        }
    }

    private string? Consume(Stream from, in ZipEntry entry, Span<byte> digest, Span<byte> content)
    {
        uint crc = 0;
        long total = 0;
        while (true)
        {
            // One byte more than declared is asked for, never more: that byte is the proof of a lie.
            int read = from.Read(buffer, 0, (int)Math.Min(buffer.Length, entry.Size - total + 1));
            ReadOnlySpan<byte> part = buffer.AsSpan(0, read);
            total += read;
            if (read == 0 || total > entry.Size)
            {
                break;
            }

            crc = Crc32.Append(crc, part);
            hash.AppendData(part);
            if (!content.IsEmpty)
            {
                part.CopyTo(content[(int)(total - read)..]);
            }
        }

        hash.GetHashAndReset(digest);
        if (total != entry.Size)
        {
            return $"holds {(total > entry.Size ? "more" : "fewer")} bytes than the {entry.Size} it declares";
        }

        return crc == entry.Crc ? null : "is damaged: its checksum does not fit";
    }
}
