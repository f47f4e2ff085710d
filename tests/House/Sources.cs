using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.House;

/// <summary>The checkout this test assembly was built from, as text.</summary>
internal static class Sources
{
    /// <summary>Every C# file of the node, substitutes and build output left out: path below <c>node/</c> and its lines.</summary>
    public static IEnumerable<(string Path, string[] Lines)> Node()
    {
        var node = Path.Combine(SourceTree.Root, "node");
        foreach (var file in Directory.EnumerateFiles(node, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var path = Path.GetRelativePath(node, file).Replace('\\', '/');
            if (path.StartsWith("substitutes/", StringComparison.Ordinal) || IsBuildOutput(path))
            {
                continue;
            }

            yield return (path, File.ReadAllLines(file));
        }
    }

    /// <summary>The room a file of the node lives in; empty at the root.</summary>
    public static string Room(string path) => path.Contains('/', StringComparison.Ordinal) ? path[..path.IndexOf('/', StringComparison.Ordinal)] : "";

    private static bool IsBuildOutput(string path) =>
        path.StartsWith("bin/", StringComparison.Ordinal) || path.StartsWith("obj/", StringComparison.Ordinal);
}
