using System.Buffers.Binary;

namespace Athens.Federation.Node.Transparency;

/// <summary>
/// The records under a tile of level 0, in two writings: Go's data tile is records as in look-ups, one after the other; C2SP's entry bundle is
/// their texts, each behind its length in two bytes, big endian (c2sp.org/tlog-tiles).
/// </summary>
internal static class RecordTile
{
    /// <summary>Bytes of the longest, in either writing.</summary>
    public const int MaxLength = Tile.FullWidth * (StrictNumber.MaxLength + LogRecord.MaxText + 2);

    private const int LengthSize = 2;

    /// <summary>Reads a Go data tile; null, and the reason in one sentence, unless it has exactly the tile's records.</summary>
    public static IReadOnlyList<LogRecord>? Parse(Tile tile, ReadOnlySpan<byte> bytes, out string? reason)
    {
        var records = new List<LogRecord>(tile.Width);
        while (records.Count < tile.Width)
        {
            if (LogRecord.Parse(bytes, out var length, out reason) is not { } record)
            {
                return null;
            }

            if (record.Index != NumberOf(tile, records.Count))
            {
                reason = $"the data tile has the record {record.Index} in the place of {NumberOf(tile, records.Count)}";
                return null;
            }

            records.Add(record);
            bytes = bytes[length..];
        }

        reason = bytes.IsEmpty ? null : "the data tile has more than its records";
        return bytes.IsEmpty ? records : null;
    }

    /// <summary>Reads a C2SP entry bundle; null, and the reason in one sentence, unless it has exactly the tile's entries, of any content.</summary>
    public static IReadOnlyList<LogRecord>? ParseBundle(Tile tile, ReadOnlySpan<byte> bytes, out string? reason)
    {
        var records = new List<LogRecord>(tile.Width);
        while (records.Count < tile.Width)
        {
            var length = bytes.Length < LengthSize ? 0 : BinaryPrimitives.ReadUInt16BigEndian(bytes);
            if (bytes.Length < LengthSize + length)
            {
                reason = "the entry bundle is cut short";
                return null;
            }

            records.Add(new LogRecord(NumberOf(tile, records.Count), bytes.Slice(LengthSize, length).ToArray()));
            bytes = bytes[(LengthSize + length)..];
        }

        reason = bytes.IsEmpty ? null : "the entry bundle has more than its entries";
        return bytes.IsEmpty ? records : null;
    }

    /// <summary>Writes a Go data tile.</summary>
    public static byte[] Format(IEnumerable<LogRecord> records) => [.. records.SelectMany(record => record.Format())];

    /// <summary>Writes a C2SP entry bundle.</summary>
    public static byte[] FormatBundle(IEnumerable<LogRecord> records)
    {
        using var bundle = new MemoryStream();
        Span<byte> length = stackalloc byte[LengthSize];
        foreach (var record in records)
        {
            BinaryPrimitives.WriteUInt16BigEndian(length, checked((ushort)record.Text.Length));
            bundle.Write(length);
            bundle.Write(record.Text.Span);
        }

        return bundle.ToArray();
    }

    private static long NumberOf(Tile tile, int place) => (tile.Index * Tile.FullWidth) + place;
}
