using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Athens.Federation.Node.Modules;

/// <summary>
/// Where the central directory lies, from the end-of-central-directory record and its zip64 form. Stricter than Go's
/// archive/zip where leniency would let two readers see two archives in the same bytes: the record must be the last
/// thing in the file, the directory must end where the record begins, and the zip64 form must not contradict.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ZipDirectoryEnd(long Offset, long Length, long Entries)
{
    private const int RecordLength = 22;
    private const int MaxCommentLength = ushort.MaxValue;
    private const int LocatorLength = 20;
    private const int Record64Length = 56;

    // What the record's own length field says of a zip64 record without extensions: itself and the signature left out.
    private const ulong Record64Rest = Record64Length - 12;

    private const string NotAZip = "is not a zip, or is cut short: it has no end record";
    private const string Contradiction = "has an end record that contradicts itself";

    private static ReadOnlySpan<byte> RecordSignature => "PK\x05\x06"u8;

    private static ReadOnlySpan<byte> Record64Signature => "PK\x06\x06"u8;

    private static ReadOnlySpan<byte> LocatorSignature => "PK\x06\x07"u8;

    public static ZipDirectoryEnd? Find(ZipSource source, out string? reason)
    {
        var tail = new byte[Math.Min(source.Length, RecordLength + MaxCommentLength)];
        reason = NotAZip;
        if (tail.Length < RecordLength || !source.TryRead(source.Length - tail.Length, tail))
        {
            return null;
        }

        int at = tail.AsSpan(0, tail.Length - RecordLength + RecordSignature.Length).LastIndexOf(RecordSignature);
        if (at < 0)
        {
            return null;
        }

        ReadOnlySpan<byte> record = tail.AsSpan(at);
        reason = Contradiction;
        if (record.Length != RecordLength + BinaryPrimitives.ReadUInt16LittleEndian(record[20..]))
        {
            return null;
        }

        long recordOffset = source.Length - tail.Length + at;
        ZipDirectoryEnd? end = Read(source, record, recordOffset);
        reason = end is null ? Contradiction : null;
        return end;
    }

    private static ZipDirectoryEnd? Read(ZipSource source, ReadOnlySpan<byte> record, long recordOffset)
    {
        ushort disk = BinaryPrimitives.ReadUInt16LittleEndian(record[4..]);
        ushort directoryDisk = BinaryPrimitives.ReadUInt16LittleEndian(record[6..]);
        ushort entriesHere = BinaryPrimitives.ReadUInt16LittleEndian(record[8..]);
        ushort entries = BinaryPrimitives.ReadUInt16LittleEndian(record[10..]);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(record[12..]);
        uint offset = BinaryPrimitives.ReadUInt32LittleEndian(record[16..]);

        Span<byte> locator = stackalloc byte[LocatorLength];
        long locatorOffset = recordOffset - LocatorLength;
        if (locatorOffset < 0 || !source.TryRead(locatorOffset, locator) || !locator.StartsWith(LocatorSignature))
        {
            bool consistent = disk == 0 && directoryDisk == 0 && entriesHere == entries
                && (long)offset + length == recordOffset;
            return consistent ? new ZipDirectoryEnd(offset, length, entries) : null;
        }

        ZipDirectoryEnd? end = Read64(source, locator, locatorOffset);
        return end is { } found
            && Agrees(entries, ushort.MaxValue, found.Entries)
            && Agrees(length, uint.MaxValue, found.Length)
            && Agrees(offset, uint.MaxValue, found.Offset)
                ? end
                : null;
    }

    private static ZipDirectoryEnd? Read64(ZipSource source, ReadOnlySpan<byte> locator, long locatorOffset)
    {
        uint disk = BinaryPrimitives.ReadUInt32LittleEndian(locator[4..]);
        ulong recordOffset = BinaryPrimitives.ReadUInt64LittleEndian(locator[8..]);
        uint disks = BinaryPrimitives.ReadUInt32LittleEndian(locator[16..]);
        Span<byte> record = stackalloc byte[Record64Length];
        if (disk != 0 || disks != 1
            || recordOffset != (ulong)(locatorOffset - Record64Length)
            || !source.TryRead((long)recordOffset, record)
            || !record.StartsWith(Record64Signature))
        {
            return null;
        }

        ulong entries = BinaryPrimitives.ReadUInt64LittleEndian(record[32..]);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(record[40..]);
        ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(record[48..]);
        bool consistent = BinaryPrimitives.ReadUInt64LittleEndian(record[4..]) == Record64Rest
            && BinaryPrimitives.ReadUInt64LittleEndian(record[16..]) == 0 // both disk numbers
            && BinaryPrimitives.ReadUInt64LittleEndian(record[24..]) == entries
            && entries <= length
            && length <= recordOffset
            && offset == recordOffset - length;
        return consistent ? new ZipDirectoryEnd((long)offset, (long)length, (long)entries) : null;
    }

    private static bool Agrees(uint small, uint marker, long large) => small == marker || small == large;
}
