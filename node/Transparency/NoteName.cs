using System.Text;

namespace Athens.Federation.Node.Transparency;

/// <summary>The name of a key in signed notes (golang.org/x/mod/sumdb/note).</summary>
internal static class NoteName
{
    /// <summary>UTF-8 bytes of a name of our own: a line of a note stays readable, and a folder can have the name.</summary>
    public const int MaxLength = 255;

    /// <summary>Go's rule: not empty, valid Unicode, no blank of any kind, no plus sign. Control characters cannot stand in a note either.</summary>
    public static bool IsValid(ReadOnlySpan<char> name)
    {
        foreach (var rune in name.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune) || rune.Value is '+' or < 0x20)
            {
                return false;
            }
        }

        return name.Length > 0 && IsUnicode(name);
    }

    public static bool IsShort(string name) => Encoding.UTF8.GetByteCount(name) <= MaxLength;

    private static bool IsUnicode(ReadOnlySpan<char> name)
    {
        while (name.Length > 0)
        {
            if (Rune.DecodeFromUtf16(name, out _, out var length) != System.Buffers.OperationStatus.Done)
            {
                return false;
            }

            name = name[length..];
        }

        return true;
    }
}
