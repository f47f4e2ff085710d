using System.Runtime.InteropServices;
using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Provenance.PublicDatabases;

/// <summary>
/// What a node keeps for good of one checksum database: its timeline (the head last verified), the records looked up, and the tiles that prove
/// them. Only what was verified goes in. It is bounded by the database itself: there is nothing in it that the database does not have.
/// </summary>
/// <remarks>All methods may throw <see cref="IOException"/> whose message says what to do.</remarks>
internal interface IDatabaseArchive
{
    /// <summary>The signed head last kept, or null when there is none.</summary>
    ValueTask<byte[]?> HeadAsync(CancellationToken cancellationToken);

    /// <summary>The kept record of a module version, or null.</summary>
    ValueTask<KeptRecord?> FindAsync(ModuleVersion module, CancellationToken cancellationToken);

    /// <summary>The tiles at these places in the width in which they are kept; null in the place of each that is not.</summary>
    ValueTask<IReadOnlyList<byte[]?>> TilesAsync(IReadOnlyList<TilePlace> places, CancellationToken cancellationToken);

    /// <summary>Keeps all of it or nothing, durable when the task ends. A tile takes the place of a narrower one or of its like.</summary>
    Task KeepAsync(ArchiveAddition addition, CancellationToken cancellationToken);
}

/// <summary>Where a tile of hashes stands in a log: its level (0 to 7) and its number in it.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TilePlace(int Level, long Index);

/// <param name="Place">Which tile.</param>
/// <param name="Hashes">32 bytes each, up to 256.</param>
internal sealed record KeptTile(TilePlace Place, ReadOnlyMemory<byte> Hashes);

/// <param name="Module">Whose record it is.</param>
/// <param name="Number">The record's number in the database.</param>
/// <param name="Text">The leaf.</param>
/// <param name="Leaf">Its Merkle hash, 32 bytes: a text that does not have it any more is not used.</param>
internal sealed record KeptRecord(ModuleVersion Module, long Number, byte[] Text, byte[] Leaf);

/// <summary>What is to be kept in one step.</summary>
internal sealed record ArchiveAddition
{
    public byte[]? Head { get; init; }

    public KeptRecord? Record { get; init; }

    public IReadOnlyList<KeptTile> Tiles { get; init; } = [];

    public bool IsEmpty => Head is null && Record is null && Tiles.Count == 0;
}
