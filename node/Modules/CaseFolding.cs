using System.Text;

namespace Athens.Federation.Node.Modules;

/// <summary>
/// Unicode simple case folding, as golang.org/x/mod/zip compares names: two characters that some file system takes
/// for the same have the same fold.
/// </summary>
internal static class CaseFolding
{
    private const int LongS = 0x17f;

    /// <summary>
    /// One representative of all characters that fold together. Small after capital is the fold for every character of
    /// Unicode but the long s, whose capital .NET leaves alone.
    /// </summary>
    public static int Fold(Rune rune)
    {
        if (rune.IsAscii)
        {
            return rune.Value is >= 'A' and <= 'Z' ? rune.Value | 0x20 : rune.Value;
        }

        return rune.Value == LongS ? 's' : Rune.ToLowerInvariant(Rune.ToUpperInvariant(rune)).Value;
    }
}
