using System.Text;

namespace Athens.Federation.Node.Modules;

/// <summary>
/// Finds names that could not live side by side in a folder: equal, equal but for case, or file and folder at once.
/// Once the names are sorted by their folded elements, whatever shares a folder is adjacent, so that looking at
/// neighbours is enough; a set of all folders, as Go has it, would grow with the square of a name's depth.
/// </summary>
internal static class NameCollisions
{
    /// <summary>Orders UTF-8 names by folded elements: the slash comes before every other character.</summary>
    public static int CompareFolded(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        int same = left.CommonPrefixLength(right);
        while (same > 0 && (IsInsideCharacter(left, same) || IsInsideCharacter(right, same)))
        {
            same--;
        }

        left = left[same..];
        right = right[same..];
        while (!left.IsEmpty && !right.IsEmpty)
        {
            int order = TakeFolded(ref left) - TakeFolded(ref right);
            if (order != 0)
            {
                return order;
            }
        }

        return left.Length - right.Length;
    }

    /// <summary>What is wrong between two neighbours in that order, or null.</summary>
    public static string? Find(ReadOnlySpan<byte> left, bool leftIsFolder, ReadOnlySpan<byte> right, bool rightIsFolder)
    {
        int start = 0;
        while (true)
        {
            ReadOnlySpan<byte> l = Element(left, start);
            ReadOnlySpan<byte> r = Element(right, start);
            if (!l.SequenceEqual(r))
            {
                return CompareFolded(l, r) == 0
                    ? $"has \"{Show(left[..(start + l.Length)])}\" and \"{Show(right[..(start + r.Length)])}\", "
                        + "which differ only in case"
                    : null;
            }

            start += l.Length + 1;
            bool leftEnds = start > left.Length;
            bool rightEnds = start > right.Length;
            if (leftEnds && rightEnds)
            {
                return leftIsFolder == rightIsFolder
                    ? $"has more than one entry \"{Show(left)}\""
                    : $"has \"{Show(left)}\" both as a file and as a folder";
            }

            if (leftEnds || rightEnds)
            {
                return (leftEnds ? leftIsFolder : rightIsFolder)
                    ? null
                    : $"has \"{Show(leftEnds ? left : right)}\" both as a file and as a folder";
            }
        }
    }

    private static string Show(ReadOnlySpan<byte> name) => Shown.Text(Encoding.UTF8.GetString(name));

    private static ReadOnlySpan<byte> Element(ReadOnlySpan<byte> name, int start)
    {
        ReadOnlySpan<byte> rest = name[start..];
        int slash = rest.IndexOf((byte)'/');
        return slash < 0 ? rest : rest[..slash];
    }

    private static bool IsInsideCharacter(ReadOnlySpan<byte> name, int at) =>
        at < name.Length && (name[at] & 0xc0) == 0x80;

    private static int TakeFolded(scoped ref ReadOnlySpan<byte> rest)
    {
        if (rest[0] < 0x80)
        {
            byte b = rest[0];
            rest = rest[1..];
            return b switch
            {
                (byte)'/' => 0,
                >= (byte)'A' and <= (byte)'Z' => b | 0x20,
                _ => b,
            };
        }

        Rune.DecodeFromUtf8(rest, out Rune rune, out int length);
        rest = rest[length..];
        return CaseFolding.Fold(rune);
    }
}
