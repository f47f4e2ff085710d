using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Storage;

/// <summary>Bounds of what one question to a store may bring, and the catalog's token; the same for every store.</summary>
internal static class StoreLimits
{
    /// <summary>A catalog page is a few hundred KiB at most, whatever was asked for.</summary>
    public const int MaxCatalogPage = 2000;

    /// <summary>As index.golang.org has it.</summary>
    public const int MaxIndexEntries = 2000;

    public static int CatalogPage(int asked) => Math.Clamp(asked, 1, MaxCatalogPage);

    public static int IndexEntries(int asked) => Math.Clamp(asked, 1, MaxIndexEntries);

    /// <summary>The last module version of a page. Any text is a position in the order, so no token can be malformed.</summary>
    public static string TokenOf(ModuleVersion last) => last.ToString();

    public static (string Path, string Version) PositionOf(string token)
    {
        var at = token.LastIndexOf('@');
        return at < 0 ? (token, "") : (token[..at], token[(at + 1)..]);
    }
}
