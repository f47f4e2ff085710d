using System.Globalization;

namespace Athens.Federation.Node.Host;

/// <summary>Sizes in bytes: <c>256MiB</c>, <c>1.5GiB</c>, <c>10GB</c>.</summary>
internal static class ConfigurationSize
{
    /// <summary>Longer than any size that makes sense; keeps the arithmetic exact.</summary>
    private const int MaxLength = 24;

    private static readonly (string Name, long Bytes)[] Units =
    [
        ("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10),
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000), ("B", 1),
    ];

    /// <summary>Null when the text is no size.</summary>
    public static long? Parse(string text, bool bytesWithoutUnit)
    {
        var (name, bytes) = Units.FirstOrDefault(unit => text.EndsWith(unit.Name, StringComparison.Ordinal));
        if (name is null && bytesWithoutUnit)
        {
            (name, bytes) = (string.Empty, 1);
        }

        if (name is null || text.Length > MaxLength)
        {
            return null;
        }

        var isNumber = decimal.TryParse(
            text.AsSpan(0, text.Length - name.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number);
        return isNumber && number <= (decimal)long.MaxValue / bytes ? (long)(number * bytes) : null;
    }

    /// <summary>In the largest binary unit that needs no fraction.</summary>
    public static string Format(long size)
    {
        var (name, bytes) = Units.Take(4).FirstOrDefault(unit => size > 0 && size % unit.Bytes == 0);
        return name is null
            ? string.Create(CultureInfo.InvariantCulture, $"{size}B")
            : string.Create(CultureInfo.InvariantCulture, $"{size / bytes}{name}");
    }
}
