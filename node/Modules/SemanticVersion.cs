namespace Athens.Federation.Node.Modules;

/// <summary>Go's semantic versions (golang.org/x/mod/semver) and pseudo-versions (module.IsPseudoVersion).</summary>
internal static class SemanticVersion
{
    public static bool IsValid(string version) => throw new NotImplementedException();

    /// <summary>semver.Compare: an invalid version is less than every valid one.</summary>
    public static int Compare(string left, string right) => throw new NotImplementedException();

    /// <summary>Full vMAJOR.MINOR.PATCH[-pre] without build, save +incompatible (module.CanonicalVersion(v) == v).</summary>
    public static bool IsCanonical(string version) => throw new NotImplementedException();

    /// <summary>The pre-release part with its hyphen, or empty.</summary>
    public static string Prerelease(string version) => throw new NotImplementedException();

    /// <summary>"v2" of "v2.1.0"; empty for an invalid version.</summary>
    public static string Major(string version) => throw new NotImplementedException();

    public static bool IsPseudo(string version) => throw new NotImplementedException();

    /// <summary>The revision (12 hex digits) at the end of a pseudo-version, or null.</summary>
    public static string? PseudoRevision(string version) => throw new NotImplementedException();
}
