using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Storage;

/// <summary>Which of a module version's files lie in a folder laid out as Go's cache/download.</summary>
/// <param name="Module">Its name, from the unescaped file name.</param>
/// <param name="Stem">The files' path without extension.</param>
/// <param name="IsComplete"><c>.info</c>, <c>.mod</c> and <c>.zip</c> are all there.</param>
internal sealed record TreeEntry(ModuleVersion Module, string Stem, bool IsComplete)
{
    public string Info => Stem + StoreLayout.InfoExtension;

    public string Mod => Stem + StoreLayout.ModExtension;

    public string Zip => Stem + StoreLayout.ZipExtension;

    public string ZipHash => Stem + StoreLayout.ZipHashExtension;
}

/// <summary>Walks such a folder. Names that are no module version (locks, branches' .info) are passed over; links are not followed.</summary>
internal static class ModuleTree
{
    private const string VersionsFolder = "@v";
    private static readonly string[] Extensions =
        [StoreLayout.InfoExtension, StoreLayout.ModExtension, StoreLayout.ZipExtension];

    private static readonly EnumerationOptions Walk = new()
    {
        AttributesToSkip = FileAttributes.ReparsePoint,
        RecurseSubdirectories = true,
        IgnoreInaccessible = false,
    };

    /// <summary>The download tree below what a person points at: a module cache, its GOPATH, a data folder, or the tree itself.</summary>
    public static string? Find(string folder)
    {
        string[] places = ["pkg/mod/cache/download", "cache/download", "download", "."];
        return places.Select(place => Path.GetFullPath(Path.Combine(folder, place))).FirstOrDefault(Directory.Exists);
    }

    public static IEnumerable<TreeEntry> Entries(string root)
    {
        foreach (var folder in Directory.EnumerateDirectories(root, VersionsFolder, Walk))
        {
            var escapedPath = Path.GetRelativePath(root, Path.GetDirectoryName(folder)!).Replace('\\', '/');
            if (!ModulePath.TryUnescape(escapedPath, out var path))
            {
                continue;
            }

            foreach (var entry in EntriesOf(folder, path))
            {
                yield return entry;
            }
        }
    }

    private static IEnumerable<TreeEntry> EntriesOf(string folder, string path)
    {
        var stems = Directory.EnumerateFiles(folder)
            .Where(file => Extensions.Any(extension => file.EndsWith(extension, StringComparison.Ordinal)))
            .GroupBy(file => file[..file.LastIndexOf('.')], StringComparer.Ordinal);
        foreach (var stem in stems)
        {
            if (ModulePath.TryUnescape(Path.GetFileName(stem.Key), out var version)
                && ModuleVersion.Create(path, version, out _) is { } module)
            {
                yield return new TreeEntry(module, stem.Key, stem.Count() == Extensions.Length);
            }
        }
    }
}
