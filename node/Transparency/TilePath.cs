using System.Globalization;
using System.Text;

namespace Athens.Federation.Node.Transparency;

/// <summary>
/// Names of tiles in the two writings that are in use: Go's <c>tile/8/LEVEL/NNN[.p/W]</c> with <c>tile/8/data/…</c> for records, and C2SP's
/// <c>tile/LEVEL/NNN[.p/W]</c> with <c>tile/entries/…</c>. Numbers are cut in threes, <c>x001/x234/067</c>, so that no folder has more
/// than some thousand entries. Every tile has one name: anything else is refused.
/// </summary>
internal static class TilePath
{
    /// <summary>Characters of a path: "tile/entries", a number of 17 digits in threes and a width come to 46.</summary>
    public const int MaxLength = 64;

    private const string GoStart = "tile/8/";
    private const string Start = "tile/";
    private const string Partial = ".p/";

    /// <summary>The tile's name under a Go checksum database.</summary>
    public static string FormatGo(Tile tile) => Format(GoStart, "data", tile);

    /// <summary>The tile's name under a C2SP log's prefix.</summary>
    public static string Format(Tile tile) => Format(Start, "entries", tile);

    /// <summary>The tile of a name in Go's writing, without a slash before it; null when it is no tile's name, or not of height 8.</summary>
    public static Tile? ParseGo(string path) => Parse(GoStart, "data", path);

    /// <summary>The tile of a name in C2SP's writing, without a slash before it; null when it is no tile's name.</summary>
    public static Tile? Parse(string path) => Parse(Start, "entries", path);

    private static string Format(string start, string records, Tile tile)
    {
        var path = new StringBuilder(start, MaxLength);
        path.Append(tile.Level == Tile.Records ? records : StrictNumber.Format(tile.Level));
        var threes = new Stack<long>();
        for (var rest = tile.Index; threes.Count == 0 || rest > 0; rest /= 1000)
        {
            threes.Push(rest % 1000);
        }

        while (threes.TryPop(out var three))
        {
            path.Append(threes.Count > 0 ? "/x" : "/").Append(three.ToString("D3", CultureInfo.InvariantCulture));
        }

        return (tile.IsFull ? path : path.Append(Partial).Append(StrictNumber.Format(tile.Width))).ToString();
    }

    private static Tile? Parse(string start, string records, string path)
    {
        if (path.Length > MaxLength || !path.StartsWith(start, StringComparison.Ordinal))
        {
            return null;
        }

        var name = path.AsSpan(start.Length);
        var width = (long)Tile.FullWidth;
        var partial = name.IndexOf(Partial, StringComparison.Ordinal);
        if (partial >= 0)
        {
            if (!StrictNumber.TryParse(name[(partial + Partial.Length)..], out width) || width is < 1 or >= Tile.FullWidth)
            {
                return null;
            }

            name = name[..partial];
        }

        var slash = name.IndexOf('/');
        if (slash < 0 || ParseLevel(name[..slash], records) is not { } level || ParseIndex(name[(slash + 1)..]) is not { } index)
        {
            return null;
        }

        // Written again it must be the same: this refuses what is left of second writings, such as x000/001.
        var tile = new Tile(level, index, (int)width);
        return tile.IsWithin(MerkleTree.MaxSize) && string.Equals(Format(start, records, tile), path, StringComparison.Ordinal) ? tile : null;
    }

    private static int? ParseLevel(ReadOnlySpan<char> text, string records) =>
        text.SequenceEqual(records) ? Tile.Records : StrictNumber.TryParse(text, out var level) && level <= Tile.MaxLevel ? (int)level : null;

    private static long? ParseIndex(ReadOnlySpan<char> text)
    {
        var index = 0L;
        foreach (var range in text.Split('/'))
        {
            var three = text[range].TrimStart('x');
            if (three.Length != 3 || index > MerkleTree.MaxSize / 1000 || !int.TryParse(three, NumberStyles.None, CultureInfo.InvariantCulture, out var digits))
            {
                return null;
            }

            index = (index * 1000) + digits;
        }

        return index;
    }
}
