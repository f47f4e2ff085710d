using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Athens.Federation.Tests.Modules;

/// <summary>One entry to write. What is null is told truly; everything else is written as it stands, lies included.</summary>
internal sealed record ZipPart(string Name, string Text = "")
{
    public byte[]? NameBytes { get; init; }

    public byte[]? LocalName { get; init; }

    public byte[]? Content { get; init; }

    /// <summary>The bytes as they lie in the file, instead of the content stored or deflated.</summary>
    public byte[]? Raw { get; init; }

    public ushort Method { get; init; } = 8;

    public ushort? LocalMethod { get; init; }

    public ushort Flags { get; init; }

    public ushort? LocalFlags { get; init; }

    public uint? Crc { get; init; }

    public uint? LocalCrc { get; init; }

    public uint? CompressedSize { get; init; }

    public uint? Size { get; init; }

    public uint? LocalSize { get; init; }

    public uint? HeaderOffset { get; init; }

    public byte[] Extra { get; init; } = [];

    public byte[] Comment { get; init; } = [];

    public byte[]? Descriptor { get; init; }

    public byte[] Padding { get; init; } = [];
}

/// <summary>Writes zips byte by byte, so that every field can lie.</summary>
internal sealed class ZipMaker
{
    public uint? Entries { get; init; }

    public uint? DirectorySize { get; init; }

    public uint? DirectoryOffset { get; init; }

    public byte[] Comment { get; init; } = [];

    public ushort? CommentLength { get; init; }

    /// <summary>Adds the zip64 end record and its locator, and the markers that point to them.</summary>
    public bool Zip64 { get; init; }

    public ulong? Zip64Entries { get; init; }

    public ulong? Zip64Size { get; init; }

    public ulong? Zip64Offset { get; init; }

    public ulong? LocatorOffset { get; init; }

    public byte[] BeforeDirectory { get; init; } = [];

    public static byte[] Of(params ZipPart[] parts) => new ZipMaker().Make(parts);

    public byte[] Make(params ZipPart[] parts)
    {
        var file = new MemoryStream();
        var directory = new MemoryStream();
        foreach (ZipPart part in parts)
        {
            Write(file, directory, part);
        }

        file.Write(BeforeDirectory);
        long offset = file.Position;
        directory.WriteTo(file);
        WriteEnd(file, parts.Length, (uint)directory.Length, (uint)offset);
        return file.ToArray();
    }

    public static byte[] Deflate(byte[] content)
    {
        var deflated = new MemoryStream();
        using (var stream = new DeflateStream(deflated, CompressionLevel.Optimal))
        {
            stream.Write(content);
        }

        // .NET writes nothing at all for nothing; the format wants a final empty block.
        return content.Length == 0 ? [3, 0] : deflated.ToArray();
    }

    public static uint CrcOf(byte[] content)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in content)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xedb88320);
            }
        }

        return ~crc;
    }

    private static void Write(MemoryStream file, MemoryStream directory, ZipPart part)
    {
        byte[] name = part.NameBytes ?? Encoding.UTF8.GetBytes(part.Name);
        byte[] localName = part.LocalName ?? name;
        byte[] content = part.Content ?? Encoding.UTF8.GetBytes(part.Text);
        byte[] raw = part.Raw ?? (part.Method == 8 ? Deflate(content) : content);
        uint crc = part.Crc ?? CrcOf(content);
        uint compressed = part.CompressedSize ?? (uint)raw.Length;
        uint size = part.Size ?? (uint)content.Length;
        uint offset = part.HeaderOffset ?? (uint)file.Position;

        file.Write("PK\x03\x04"u8);
        Put16(file, 20, part.LocalFlags ?? part.Flags, part.LocalMethod ?? part.Method, 0, 0);
        Put32(file, part.LocalCrc ?? crc, compressed, part.LocalSize ?? size);
        Put16(file, (ushort)localName.Length, 0);
        file.Write(localName);
        file.Write(raw);
        file.Write(part.Descriptor ?? []);
        file.Write(part.Padding);

        directory.Write("PK\x01\x02"u8);
        Put16(directory, 20, 20, part.Flags, part.Method, 0, 0);
        Put32(directory, crc, compressed, size);
        Put16(directory, (ushort)name.Length, (ushort)part.Extra.Length, (ushort)part.Comment.Length, 0, 0);
        Put32(directory, 0, offset);
        directory.Write(name);
        directory.Write(part.Extra);
        directory.Write(part.Comment);
    }

    private void WriteEnd(MemoryStream file, int count, uint size, uint offset)
    {
        if (Zip64)
        {
            ulong at = (ulong)file.Position;
            file.Write("PK\x06\x06"u8);
            Put64(file, 44);
            Put16(file, 45, 45);
            Put32(file, 0, 0);
            Put64(file, Zip64Entries ?? (ulong)count, Zip64Entries ?? (ulong)count, Zip64Size ?? size, Zip64Offset ?? offset);
            file.Write("PK\x06\x07"u8);
            Put32(file, 0);
            Put64(file, LocatorOffset ?? at);
            Put32(file, 1);
        }

        ushort entries = (ushort)(Entries ?? (Zip64 ? ushort.MaxValue : (uint)count));
        file.Write("PK\x05\x06"u8);
        Put16(file, 0, 0, entries, entries);
        Put32(file, DirectorySize ?? (Zip64 ? uint.MaxValue : size), DirectoryOffset ?? (Zip64 ? uint.MaxValue : offset));
        Put16(file, CommentLength ?? (ushort)Comment.Length);
        file.Write(Comment);
    }

    private static void Put16(Stream to, params ReadOnlySpan<ushort> values)
    {
        Span<byte> bytes = stackalloc byte[2];
        foreach (ushort value in values)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
            to.Write(bytes);
        }
    }

    private static void Put32(Stream to, params ReadOnlySpan<uint> values)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (uint value in values)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
            to.Write(bytes);
        }
    }

    private static void Put64(Stream to, params ReadOnlySpan<ulong> values)
    {
        Span<byte> bytes = stackalloc byte[8];
        foreach (ulong value in values)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
            to.Write(bytes);
        }
    }
}
