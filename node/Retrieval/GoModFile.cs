using System.Text;

namespace Athens.Federation.Node.Retrieval;

/// <summary>What the <c>.mod</c> of a module version must be, seen from its zip.</summary>
internal static class GoModFile
{
    /// <summary>codehost.MaxGoMod.</summary>
    public const int MaxSize = 16 << 20;

    /// <summary>
    /// Go's legacy go.mod for a version that has none (repositories from before modules, every
    /// <c>+incompatible</c> version of today, golang.org/toolchain). Module paths need no quoting in a go.mod: the
    /// characters that would (modfile.MustQuote) are not allowed in a path.
    /// </summary>
    public static byte[] Synthesized(string path) => Encoding.UTF8.GetBytes($"module {path}\n");

    /// <summary>
    /// The same text. CR before LF is ignored: Go reads the <c>.mod</c> with <c>git cat-file</c> and the zip with
    /// <c>git archive</c>, which turns line ends where .gitattributes has <c>eol=crlf</c> (seen with go 1.19), and both
    /// are what every other proxy serves and go.sum has.
    /// </summary>
    public static bool SameText(ReadOnlySpan<byte> mod, ReadOnlySpan<byte> inZip)
    {
        int i = 0;
        int j = 0;
        while (true)
        {
            i += IsCrLf(mod, i) ? 1 : 0;
            j += IsCrLf(inZip, j) ? 1 : 0;
            if (i == mod.Length || j == inZip.Length)
            {
                return i == mod.Length && j == inZip.Length;
            }

            if (mod[i++] != inZip[j++])
            {
                return false;
            }
        }
    }

    private static bool IsCrLf(ReadOnlySpan<byte> text, int index) =>
        index + 1 < text.Length && text[index] == '\r' && text[index + 1] == '\n';
}
