using System.Buffers;
using System.Globalization;
using System.Text;

namespace Athens.Federation.Node.Modules;

/// <summary>Which of Go's two sets of characters an element may use.</summary>
internal enum PathKind
{
    /// <summary>ASCII letters and digits and <c>- . _ ~</c>; no leading dot, nothing like a Windows short name.</summary>
    Module,

    /// <summary>All letters of Unicode, digits, space and more punctuation: a file's name inside a zip.</summary>
    File,
}

/// <summary>What one element between two slashes may be (golang.org/x/mod/module, checkElem).</summary>
internal static class PathElement
{
    private static readonly SearchValues<char> ModuleChars =
        SearchValues.Create("-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // Go leaves out what a shell or Windows gives a meaning to: " ' * < > ? ` | / \ : ;
    private static readonly SearchValues<char> FileAsciiChars =
        SearchValues.Create("!#$%&()+,-.=@[]^_{}~ 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly string[] ReservedOnWindows =
    [
        "CON", "PRN", "AUX", "NUL",
        "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9",
        "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9",
    ];

    /// <summary>
    /// Null when every element of a slash-separated path is well-formed, else what is wrong, to follow "the path … ".
    /// </summary>
    public static string? CheckAll(ReadOnlySpan<char> path, PathKind kind)
    {
        while (true)
        {
            int slash = path.IndexOf('/');
            string? wrong = Check(slash < 0 ? path : path[..slash], kind);
            if (wrong is not null || slash < 0)
            {
                return wrong;
            }

            path = path[(slash + 1)..];
        }
    }

    private static string? Check(ReadOnlySpan<char> element, PathKind kind)
    {
        if (element.IsEmpty)
        {
            return "has an empty element";
        }

        if (element.IndexOfAnyExcept('.') < 0)
        {
            return $"has the element \"{Shown.Text(element)}\"";
        }

        if (element[0] == '.' && kind == PathKind.Module)
        {
            return "has an element that begins with a dot";
        }

        if (element[^1] == '.')
        {
            return "has an element that ends with a dot";
        }

        if (FirstBadCharacter(element, kind) is { } bad)
        {
            return $"has the character {Shown.Character(bad)}, which is not allowed";
        }

        return CheckWindows(element, kind);
    }

    private static string? CheckWindows(ReadOnlySpan<char> element, PathKind kind)
    {
        int dot = element.IndexOf('.');
        ReadOnlySpan<char> stem = dot < 0 ? element : element[..dot];
        foreach (string reserved in ReservedOnWindows)
        {
            // ASCII is enough: no other character folds to one of these letters.
            if (stem.Length == reserved.Length && Ascii.EqualsIgnoreCase(stem, reserved))
            {
                return $"has an element named {reserved}, which Windows reserves";
            }
        }

        // Short names are a danger to import paths only; Go leaves them alone in file names.
        int tilde = kind == PathKind.Module ? stem.LastIndexOf('~') : -1;
        return tilde >= 0 && tilde < stem.Length - 1 && ParsedVersion.IsNumber(stem[(tilde + 1)..])
            ? "has an element that ends with a tilde and digits, as Windows short names do"
            : null;
    }

    private static Rune? FirstBadCharacter(ReadOnlySpan<char> element, PathKind kind)
    {
        int at = element.IndexOfAnyExcept(kind == PathKind.Module ? ModuleChars : FileAsciiChars);
        while (at >= 0)
        {
            // A lone surrogate, the UTF-16 sign of bytes that were no UTF-8, decodes to U+FFFD, which is no letter.
            Rune.DecodeFromUtf16(element[at..], out Rune rune, out int length);
            if (kind == PathKind.Module || !IsLetter(rune))
            {
                return rune;
            }

            element = element[(at + length)..];
            at = element.IndexOfAnyExcept(FileAsciiChars);
        }

        return null;
    }

    // Letters that Unicode assigned after a client's Go was made are letters here and not there: that client refuses.
    private static bool IsLetter(Rune rune) =>
        !rune.IsAscii
        && Rune.GetUnicodeCategory(rune) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter
            or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter;
}
