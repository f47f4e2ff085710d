namespace Athens.Federation.Node.Transparency;

/// <summary>
/// The text of a signed head as Go's checksum database clients know it (FormatTree and ParseTree of golang.org/x/mod/sumdb/tlog). All such
/// databases share the first line, so it does not tell which log speaks: only the key that signed it does.
/// </summary>
internal static class GoTreeHead
{
    private const string FirstLine = "go.sum database tree";

    public static string Format(TreeHead head) => HeadLines.Format(FirstLine, head);

    /// <summary>Reads a head, or says in one sentence why the text is none. What follows the third line is for later versions and ignored, as in Go.</summary>
    public static TreeHead? Parse(string text, out string? reason)
    {
        var lines = text.Split('\n', 4);
        if (lines.Length == 4 && string.Equals(lines[0], FirstLine, StringComparison.Ordinal))
        {
            return HeadLines.Parse(lines[1], lines[2], out reason);
        }

        reason = $"a head of a checksum database has the line \"{FirstLine}\", its size and its root, each ending in LF";
        return null;
    }
}
