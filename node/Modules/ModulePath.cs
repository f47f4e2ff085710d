namespace Athens.Federation.Node.Modules;

/// <summary>Go's rules for module paths and their escaped form (golang.org/x/mod/module). Reasons are one sentence, or null when all is well.</summary>
internal static class ModulePath
{
    /// <summary>module.CheckPath.</summary>
    public static string? Check(string path) => throw new NotImplementedException();

    /// <summary>module.CheckFilePath: a file's name inside a module zip.</summary>
    public static string? CheckFile(string path) => throw new NotImplementedException();

    /// <summary>The version is canonical (+incompatible allowed) and its major fits the path (module.Check's second half).</summary>
    public static string? CheckVersion(string path, string version) => throw new NotImplementedException();

    /// <summary>module.SplitPathVersion: "a/v2" → "a", "/v2"; gopkg.in forms as Go has them.</summary>
    public static bool TrySplitMajor(string path, out string prefix, out string pathMajor) => throw new NotImplementedException();

    /// <summary>module.MatchPathMajor (a version v2.0.0+incompatible fits an empty major).</summary>
    public static bool MatchesMajor(string version, string pathMajor) => throw new NotImplementedException();

    /// <summary>module.EscapePath / EscapeVersion: capitals become "!" and the small letter. The input must have been checked.</summary>
    public static string Escape(string pathOrVersion) => throw new NotImplementedException();

    /// <summary>Undoes <see cref="Escape"/>; false for a capital letter, a lone "!", or a character that has no place there. Does not check the path.</summary>
    public static bool TryUnescape(ReadOnlySpan<char> escaped, out string unescaped) => throw new NotImplementedException();
}
