using System.Text;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Tomlyn;

/// <summary>
/// Reads TOML 1.0 (toml.io/en/v1.0.0) into a syntax tree with positions. Hostile input ends in diagnostics, never in an
/// exception: the bounds are in <see cref="Limits"/>.
/// </summary>
public static class Toml
{
    /// <summary>Parses text. <paramref name="sourcePath"/> only names the source in diagnostics.</summary>
    public static DocumentSyntax Parse(string text, string? sourcePath = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new DocumentParser(new SourceText(text.Length > Limits.MaxLength ? null : text, sourcePath ?? string.Empty)).Parse();
    }

    /// <summary>Parses UTF-8; bytes that are not UTF-8 are reported where they stand.</summary>
    public static DocumentSyntax Parse(byte[] utf8Bytes, string? sourcePath = null)
    {
        ArgumentNullException.ThrowIfNull(utf8Bytes);
        var text = utf8Bytes.Length > Limits.MaxLength ? null : Encoding.UTF8.GetString(utf8Bytes);
        var parser = new DocumentParser(new SourceText(text, sourcePath ?? string.Empty));
        if (text is not null)
        {
            EncodingCheck.Report(utf8Bytes, parser.Reports);
        }

        return parser.Parse();
    }
}
