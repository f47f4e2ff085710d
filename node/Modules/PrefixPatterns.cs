using System.Text;

namespace Athens.Federation.Node.Modules;

/// <summary>
/// A comma-separated list of globs as GOPRIVATE has it (golang.org/x/mod/module.MatchPrefixPatterns): a glob of N elements
/// is compared with the first N elements of a module path. Empty and malformed globs match nothing; one slash at a
/// glob's end is ignored.
/// </summary>
internal sealed class PrefixPatterns
{
    private readonly (byte[] Glob, int Slashes)[] patterns;

    public PrefixPatterns(string globs)
    {
        patterns =
        [
            .. globs.Split(',')
                .Select(static glob => glob.EndsWith('/') ? glob[..^1] : glob)
                .Where(static glob => glob.Length > 0)
                .Select(static glob => (Encoding.UTF8.GetBytes(glob), glob.Count(static c => c == '/'))),
        ];
    }

    public bool Matches(string path)
    {
        if (patterns.Length == 0)
        {
            return false;
        }

        ReadOnlySpan<byte> target = Encoding.UTF8.GetBytes(path);
        foreach ((byte[] glob, int slashes) in patterns)
        {
            if (TryTakeElements(target, slashes, out ReadOnlySpan<byte> prefix) && PathGlob.IsMatch(glob, prefix))
            {
                return true;
            }
        }

        return false;
    }

    // As many elements as the glob has; false when the path has fewer.
    private static bool TryTakeElements(ReadOnlySpan<byte> target, int slashes, out ReadOnlySpan<byte> prefix)
    {
        for (int i = 0; i < target.Length; i++)
        {
            if (target[i] == '/' && slashes-- == 0)
            {
                prefix = target[..i];
                return true;
            }
        }

        prefix = target;
        return slashes <= 0;
    }
}
