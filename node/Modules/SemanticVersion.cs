namespace Athens.Federation.Node.Modules;

/// <summary>Go's semantic versions (golang.org/x/mod/semver) and pseudo-versions (module.IsPseudoVersion).</summary>
internal static class SemanticVersion
{
    /// <summary>Digits of a pseudo-version's time, yyyymmddhhmmss.</summary>
    private const int TimestampLength = 14;

    public static bool IsValid(string version) => ParsedVersion.Parse(version).IsValid;

    /// <summary>semver.Compare: an invalid version is less than every valid one.</summary>
    public static int Compare(string left, string right)
    {
        var l = ParsedVersion.Parse(left);
        var r = ParsedVersion.Parse(right);
        if (!l.IsValid || !r.IsValid)
        {
            return l.IsValid.CompareTo(r.IsValid);
        }

        int order = CompareNumbers(l.Major, r.Major);
        order = order != 0 ? order : CompareNumbers(l.Minor, r.Minor);
        order = order != 0 ? order : CompareNumbers(l.Patch, r.Patch);
        return order != 0 ? order : ComparePrereleases(l.Prerelease, r.Prerelease);
    }

    /// <summary>Full vMAJOR.MINOR.PATCH[-pre] without build, save +incompatible (module.CanonicalVersion(v) == v).</summary>
    public static bool IsCanonical(string version)
    {
        var parsed = ParsedVersion.Parse(version);
        return parsed is { IsValid: true, IsShort: false } && (parsed.Build.IsEmpty || parsed.Build is "+incompatible");
    }

    /// <summary>The pre-release part with its hyphen, or empty.</summary>
    public static string Prerelease(string version) => ParsedVersion.Parse(version).Prerelease.ToString();

    /// <summary>"v2" of "v2.1.0"; empty for an invalid version.</summary>
    public static string Major(string version)
    {
        var parsed = ParsedVersion.Parse(version);
        return parsed.IsValid ? version[..(1 + parsed.Major.Length)] : "";
    }

    public static bool IsPseudo(string version) => !RevisionOf(version).IsEmpty;

    /// <summary>The revision (12 hex digits) at the end of a pseudo-version, or null.</summary>
    public static string? PseudoRevision(string version)
    {
        ReadOnlySpan<char> revision = RevisionOf(version);
        return revision.IsEmpty ? null : revision.ToString();
    }

    // The three forms are vX.0.0-TIME-REV, vX.Y.Z-0.TIME-REV and vX.Y.Z-pre.0.TIME-REV, each with or without a build.
    private static ReadOnlySpan<char> RevisionOf(string version)
    {
        var parsed = ParsedVersion.Parse(version);
        if (parsed.Prerelease.IsEmpty)
        {
            return default;
        }

        ReadOnlySpan<char> rest = parsed.Prerelease[1..];
        int hyphen = rest.LastIndexOf('-');
        if (hyphen < TimestampLength)
        {
            return default;
        }

        ReadOnlySpan<char> revision = rest[(hyphen + 1)..];
        ReadOnlySpan<char> before = rest[..(hyphen - TimestampLength)];
        bool form = before.IsEmpty
            ? parsed.Minor is "0" && parsed.Patch is "0"
            : before is "0." || before.EndsWith(".0.", StringComparison.Ordinal);
        return form
            && !revision.Contains('.')
            && ParsedVersion.IsNumber(rest[before.Length..hyphen])
                ? revision
                : default;
    }

    private static int ComparePrereleases(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        if (left.SequenceEqual(right))
        {
            return 0;
        }

        if (left.IsEmpty || right.IsEmpty)
        {
            // A release comes after its pre-releases.
            return left.IsEmpty ? 1 : -1;
        }

        while (!left.IsEmpty && !right.IsEmpty)
        {
            int order = CompareIdentifiers(TakeIdentifier(ref left), TakeIdentifier(ref right));
            if (order != 0)
            {
                return order;
            }
        }

        return left.IsEmpty ? -1 : 1;
    }

    // Steps over the hyphen or dot before the identifier.
    private static ReadOnlySpan<char> TakeIdentifier(scoped ref ReadOnlySpan<char> rest)
    {
        rest = rest[1..];
        int dot = rest.IndexOf('.');
        ReadOnlySpan<char> identifier = dot < 0 ? rest : rest[..dot];
        rest = rest[identifier.Length..];
        return identifier;
    }

    private static int CompareIdentifiers(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        bool leftIsNumber = ParsedVersion.IsNumber(left);
        if (leftIsNumber != ParsedVersion.IsNumber(right))
        {
            return leftIsNumber ? -1 : 1;
        }

        return leftIsNumber ? CompareNumbers(left, right) : Math.Sign(left.SequenceCompareTo(right));
    }

    // No leading zeros, so the longer one is the greater; numbers have no upper bound in Go.
    private static int CompareNumbers(ReadOnlySpan<char> left, ReadOnlySpan<char> right) =>
        left.Length != right.Length
            ? Math.Sign(left.Length - right.Length)
            : Math.Sign(left.SequenceCompareTo(right));
}
