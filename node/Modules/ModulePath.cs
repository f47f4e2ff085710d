namespace Athens.Federation.Node.Modules;

/// <summary>Go's rules for module paths and their escaped form (golang.org/x/mod/module). Reasons are one sentence, or null when all is well.</summary>
internal static class ModulePath
{
    /// <summary>
    /// Characters that a module path may have. Go sets no bound of its own; escaped (at most twice as long), below a data
    /// folder, a path must stay under the 4096 bytes that Linux opens.
    /// </summary>
    public const int MaxLength = 1000;

    /// <summary>
    /// Characters of one escaped element, and of an escaped version: file systems take names of 255 bytes, and
    /// <c>.ziphash</c> or a temporary suffix must still fit behind it.
    /// </summary>
    public const int MaxEscapedElement = 220;

    private const string GopkgIn = "gopkg.in/";
    private const string Unstable = "-unstable";
    private const string Incompatible = "+incompatible";

    /// <summary>module.CheckPath, and <see cref="MaxLength"/> and <see cref="MaxEscapedElement"/>.</summary>
    public static string? Check(string path)
    {
        string? wrong = FindWrong(path, PathKind.Module) ?? FindWrongHost(path) ?? FindWrongLength(path);
        if (wrong is null && !TrySplitMajor(path, out _, out _))
        {
            wrong = path.StartsWith(GopkgIn, StringComparison.Ordinal)
                ? "does not end in .vN, as every gopkg.in path does"
                : "ends in a major version that is not written /v2, /v3 and so on";
        }

        return wrong is null ? null : $"the module path \"{Shown.Text(path)}\" {wrong}";
    }

    /// <summary>module.CheckFilePath: a file's name inside a module zip.</summary>
    public static string? CheckFile(string path) => CheckFile(path.AsSpan());

    /// <inheritdoc cref="CheckFile(string)"/>
    public static string? CheckFile(ReadOnlySpan<char> path)
    {
        string? wrong = FindWrong(path, PathKind.File);
        return wrong is null ? null : $"the file name \"{Shown.Text(path)}\" {wrong}";
    }

    /// <summary>The version is canonical (+incompatible allowed) and its major fits the path (module.Check's second half).</summary>
    public static string? CheckVersion(string path, string version)
    {
        if (!SemanticVersion.IsValid(version))
        {
            return $"the version \"{Shown.Text(version)}\" is not a semantic version such as v1.2.3";
        }

        if (!SemanticVersion.IsCanonical(version))
        {
            return $"the version \"{Shown.Text(version)}\" is not canonical: "
                + "it needs all of vMAJOR.MINOR.PATCH and no build metadata but +incompatible";
        }

        if (EscapedLength(version) > MaxEscapedElement)
        {
            return $"the version \"{Shown.Text(version)}\" is too long";
        }

        TrySplitMajor(path, out _, out string pathMajor);
        return MatchesMajor(version, pathMajor)
            ? null
            : $"the version {Shown.Text(version)} does not fit the module path \"{Shown.Text(path)}\": "
                + $"its versions are {(pathMajor.Length == 0 ? "v0, v1 or +incompatible" : BareMajor(pathMajor))}";
    }

    /// <summary>module.SplitPathVersion: "a/v2" → "a", "/v2"; gopkg.in forms as Go has them.</summary>
    public static bool TrySplitMajor(string path, out string prefix, out string pathMajor)
    {
        bool gopkg = path.StartsWith(GopkgIn, StringComparison.Ordinal);
        int start = MajorStart(path, gopkg, out bool isMajor);
        bool valid = !isMajor ? !gopkg : IsWellFormedMajor(path.AsSpan(start), gopkg);
        bool split = valid && isMajor;
        prefix = split ? path[..start] : path;
        pathMajor = split ? path[start..] : "";
        return valid;
    }

    /// <summary>module.MatchPathMajor (a version v2.0.0+incompatible fits an empty major).</summary>
    public static bool MatchesMajor(string version, string pathMajor)
    {
        ReadOnlySpan<char> wanted = BareMajor(pathMajor);
        if (pathMajor.StartsWith('.') && wanted is "v1" && version.StartsWith("v0.0.0-", StringComparison.Ordinal))
        {
            // Early Go made v0.0.0- pseudo-versions for gopkg.in .v1 paths, and go.mod files still name them.
            return true;
        }

        var parsed = ParsedVersion.Parse(version);
        ReadOnlySpan<char> major = parsed.IsValid ? version.AsSpan(0, parsed.Major.Length + 1) : default;
        return pathMajor.Length == 0
            ? major is "v0" or "v1" || parsed.Build is Incompatible
            : pathMajor[0] is '/' or '.' && major.SequenceEqual(wanted);
    }

    /// <summary>module.EscapePath / EscapeVersion: capitals become "!" and the small letter. The input must have been checked.</summary>
    public static string Escape(string pathOrVersion)
    {
        int escapedLength = EscapedLength(pathOrVersion);
        return escapedLength == pathOrVersion.Length
            ? pathOrVersion
            : string.Create(escapedLength, pathOrVersion, static (escaped, plain) =>
            {
                int at = 0;
                foreach (char c in plain)
                {
                    if (char.IsAsciiLetterUpper(c))
                    {
                        escaped[at++] = '!';
                        escaped[at++] = (char)(c | 0x20);
                    }
                    else
                    {
                        escaped[at++] = c;
                    }
                }
            });
    }

    /// <summary>
    /// Undoes <see cref="Escape"/>; false for a capital letter, a lone "!", or a character that has no place there
    /// (non-ASCII or control). Does not check the path.
    /// </summary>
    public static bool TryUnescape(ReadOnlySpan<char> escaped, out string unescaped)
    {
        unescaped = "";
        int bangs = 0;
        for (int i = 0; i < escaped.Length; i++)
        {
            char c = escaped[i];
            if (c is < ' ' or >= '\x7f' || char.IsAsciiLetterUpper(c))
            {
                return false;
            }

            if (c == '!')
            {
                bangs++;
                if (++i == escaped.Length || !char.IsAsciiLetterLower(escaped[i]))
                {
                    return false;
                }
            }
        }

        unescaped = bangs == 0
            ? new string(escaped)
            : string.Create(escaped.Length - bangs, escaped, static (plain, source) =>
            {
                int from = 0;
                for (int i = 0; i < plain.Length; i++)
                {
                    char c = source[from++];
                    plain[i] = c == '!' ? (char)(source[from++] & ~0x20) : c;
                }
            });
        return true;
    }

    private static string? FindWrong(ReadOnlySpan<char> path, PathKind kind) => path switch
    {
        [] => "is empty",
        ['-', ..] when kind == PathKind.Module => "begins with a dash",
        _ => PathElement.CheckAll(path, kind),
    };

    private static string? FindWrongHost(string path)
    {
        int slash = path.IndexOf('/', StringComparison.Ordinal);
        ReadOnlySpan<char> host = slash < 0 ? path : path.AsSpan(0, slash);
        if (!host.Contains('.'))
        {
            return "has no dot in its first element, which must be a host name";
        }

        foreach (char c in host)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('-' or '.'))
            {
                return $"has the character '{c}' in its first element, which must be a host name in lower case";
            }
        }

        return null;
    }

    private static string? FindWrongLength(string path)
    {
        if (path.Length > MaxLength)
        {
            return $"is longer than {MaxLength} characters";
        }

        foreach (Range element in path.AsSpan().Split('/'))
        {
            if (EscapedLength(path.AsSpan(element)) > MaxEscapedElement)
            {
                return $"has an element of more than {MaxEscapedElement} characters in its escaped form";
            }
        }

        return null;
    }

    // Where "/vN" or ".vN" begins, with N any run of digits (and dots, which only gopkg.in leaves alone).
    private static int MajorStart(string path, bool gopkg, out bool isMajor)
    {
        bool unstable = gopkg && path.EndsWith(Unstable, StringComparison.Ordinal);
        int i = path.Length - (unstable ? Unstable.Length : 0);
        int end = i;
        while (i > 0 && (char.IsAsciiDigit(path[i - 1]) || (!gopkg && path[i - 1] == '.')))
        {
            i--;
        }

        isMajor = i > 1 && path[i - 1] == 'v' && path[i - 2] == (gopkg ? '.' : '/') && (gopkg || i < end);
        return i - 2;
    }

    private static bool IsWellFormedMajor(ReadOnlySpan<char> major, bool gopkg) =>
        major.Length > 2
        && (gopkg
            ? major[2] != '0' || major is ".v0"
            : major[2] != '0' && major is not "/v1" && !major.Contains('.'));

    private static ReadOnlySpan<char> BareMajor(string pathMajor)
    {
        ReadOnlySpan<char> bare = pathMajor;
        if (bare.StartsWith(".v", StringComparison.Ordinal) && bare.EndsWith(Unstable, StringComparison.Ordinal))
        {
            bare = bare[..^Unstable.Length];
        }

        return bare.IsEmpty ? bare : bare[1..];
    }

    private static int EscapedLength(ReadOnlySpan<char> plain)
    {
        int length = plain.Length;
        foreach (char c in plain)
        {
            length += char.IsAsciiLetterUpper(c) ? 1 : 0;
        }

        return length;
    }
}
