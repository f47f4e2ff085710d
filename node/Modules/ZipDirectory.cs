using System.Buffers.Binary;
using System.Text;

namespace Athens.Federation.Node.Modules;

/// <summary>The central directory of a zip, read whole into memory once its bounds are known to hold.</summary>
internal sealed class ZipDirectory
{
    /// <summary>
    /// Entries a module zip may have. Go sets no bound; the largest trees that fit 500 MiB (Linux, LLVM) have some
    /// 90,000 to 160,000 files, and each entry costs this node 60 bytes while it is checked.
    /// </summary>
    public const int MaxEntries = 1 << 18;

    /// <summary>
    /// Bytes the directory may have, all of which are held while it is checked: <see cref="MaxEntries"/> entries with
    /// 146 bytes of name each, module path and version included.
    /// </summary>
    public const int MaxLength = 48 << 20;

    private const int HeaderLength = 46;
    private const int Encrypted = 1 | 1 << 6 | 1 << 13;
    private const int WithDescriptor = 1 << 3;

    private readonly byte[] bytes;

    private ZipDirectory(long offset, byte[] bytes, ZipEntry[] entries)
    {
        Offset = offset;
        this.bytes = bytes;
        Entries = entries;
    }

    private static ReadOnlySpan<byte> HeaderSignature => "PK\x01\x02"u8;

    /// <summary>Where it begins in the file; all entries' data lies before.</summary>
    public long Offset { get; }

    public ZipEntry[] Entries { get; }

    public static ZipDirectory? Read(ZipSource source, ZipDirectoryEnd end, out string? reason)
    {
        reason = end switch
        {
            { Entries: > MaxEntries } => $"has {end.Entries} entries; this node takes {MaxEntries}",
            { Length: > MaxLength } => $"has a directory of {end.Length} bytes; this node takes {MaxLength}",
            _ when end.Entries * HeaderLength > end.Length => "claims more entries than its directory can hold",
            _ => null,
        };
        if (reason is not null)
        {
            return null;
        }

        byte[] whole = GC.AllocateUninitializedArray<byte>((int)end.Length);
        if (!source.TryRead(end.Offset, whole))
        {
            reason = "is cut short";
            return null;
        }

        var directory = new ZipDirectory(end.Offset, whole, new ZipEntry[end.Entries]);
        reason = directory.Parse();
        return reason is null ? directory : null;
    }

    /// <summary>The whole name of an entry, as it stands in the directory.</summary>
    public ReadOnlySpan<byte> NameOf(in ZipEntry entry) => bytes.AsSpan(entry.NameStart, entry.NameLength);

    /// <summary>The name of an entry, fit for a sentence.</summary>
    public string ShowName(in ZipEntry entry) => Shown.Text(Encoding.UTF8.GetString(NameOf(entry)));

    private string? Parse()
    {
        int at = 0;
        for (int i = 0; i < Entries.Length; i++)
        {
            string? wrong = ParseOne(ref at, out Entries[i]);
            if (wrong is not null)
            {
                return $"has an entry \"{ShowName(Entries[i])}\" that {wrong}";
            }
        }

        return at == bytes.Length ? null : "has more in its directory than the entries it declares";
    }

    private string? ParseOne(ref int at, out ZipEntry entry)
    {
        ReadOnlySpan<byte> header = bytes.AsSpan(at);
        entry = default;
        if (header.Length < HeaderLength || !header.StartsWith(HeaderSignature))
        {
            return "is malformed";
        }

        ushort nameLength = BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
        ushort extraLength = BinaryPrimitives.ReadUInt16LittleEndian(header[30..]);
        ushort commentLength = BinaryPrimitives.ReadUInt16LittleEndian(header[32..]);
        int nameStart = at + HeaderLength;
        if (header.Length - HeaderLength < nameLength + extraLength + commentLength)
        {
            return "is cut short";
        }

        at = nameStart + nameLength + extraLength + commentLength;
        entry = new ZipEntry { NameStart = nameStart, NameLength = nameLength };
        var sizes = ZipSizes.Read(header, header.Slice(HeaderLength + nameLength, extraLength));
        ushort flags = BinaryPrimitives.ReadUInt16LittleEndian(header[8..]);
        ushort method = BinaryPrimitives.ReadUInt16LittleEndian(header[10..]);
        string? wrong = Judge(flags, method, sizes);
        if (wrong is null)
        {
            entry = entry with
            {
                HeaderOffset = (uint)sizes!.Value.HeaderOffset,
                CompressedSize = (uint)sizes.Value.Compressed,
                Size = (uint)sizes.Value.Uncompressed,
                Crc = BinaryPrimitives.ReadUInt32LittleEndian(header[16..]),
                Method = (ZipMethod)method,
                HasDescriptor = (flags & WithDescriptor) != 0,
            };
        }

        return wrong;
    }

    private string? Judge(ushort flags, ushort method, ZipSizes? sizes)
    {
        if ((flags & Encrypted) != 0)
        {
            return "is encrypted";
        }

        if (method is not ((ushort)ZipMethod.Stored or (ushort)ZipMethod.Deflated))
        {
            return $"uses compression method {method}; module zips use only 0 and 8";
        }

        if (sizes is not { } s)
        {
            return "lacks the 64-bit sizes that it refers to";
        }

        if (s.HeaderOffset >= (ulong)Offset || s.Compressed > (ulong)Offset - s.HeaderOffset)
        {
            return "lies outside of the file's data";
        }

        if (s.Uncompressed > ModuleZip.MaxSize)
        {
            return $"declares {s.Uncompressed} bytes; a module may have {ModuleZip.MaxSize}";
        }

        return method == (ushort)ZipMethod.Stored && s.Compressed != s.Uncompressed
            ? "is stored, but declares two sizes"
            : null;
    }
}
