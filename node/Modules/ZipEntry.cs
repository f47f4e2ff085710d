using System.Runtime.InteropServices;

namespace Athens.Federation.Node.Modules;

/// <summary>How an entry's bytes are kept; nothing else appears in module zips.</summary>
internal enum ZipMethod : byte
{
    Stored = 0,
    Deflated = 8,
}

/// <summary>
/// One entry as the central directory has it. 24 bytes, for there can be <see cref="ZipDirectory.MaxEntries"/>;
/// offsets and sizes fit because nothing above <see cref="ModuleZip.MaxSize"/> gets this far.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ZipEntry
{
    public uint HeaderOffset { get; init; }

    public uint CompressedSize { get; init; }

    public uint Size { get; init; }

    public uint Crc { get; init; }

    /// <summary>Where the name starts in the directory's bytes.</summary>
    public int NameStart { get; init; }

    public ushort NameLength { get; init; }

    public ZipMethod Method { get; init; }

    /// <summary>A data descriptor follows the data.</summary>
    public bool HasDescriptor { get; init; }
}
