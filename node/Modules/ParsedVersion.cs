using System.Buffers;

namespace Athens.Federation.Node.Modules;

/// <summary>
/// The parts of a Go semantic version, <c>vMAJOR[.MINOR[.PATCH[-PRERELEASE][+BUILD]]]</c>, as slices of the text.
/// Missing MINOR and PATCH read "0"; the default value is an invalid version.
/// </summary>
internal readonly ref struct ParsedVersion
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");

    public bool IsValid { get; private init; }

    public ReadOnlySpan<char> Major { get; private init; }

    public ReadOnlySpan<char> Minor { get; private init; }

    public ReadOnlySpan<char> Patch { get; private init; }

    /// <summary>With its hyphen, or empty.</summary>
    public ReadOnlySpan<char> Prerelease { get; private init; }

    /// <summary>With its plus sign, or empty.</summary>
    public ReadOnlySpan<char> Build { get; private init; }

    /// <summary>MINOR or PATCH was left out.</summary>
    public bool IsShort { get; private init; }

    public static ParsedVersion Parse(ReadOnlySpan<char> version)
    {
        if (version.IsEmpty || version[0] != 'v')
        {
            return default;
        }

        ReadOnlySpan<char> rest = version[1..];
        if (!TakeNumber(ref rest, out ReadOnlySpan<char> major))
        {
            return default;
        }

        if (rest.IsEmpty)
        {
            return new ParsedVersion { IsValid = true, Major = major, Minor = "0", Patch = "0", IsShort = true };
        }

        if (!TakeDot(ref rest) || !TakeNumber(ref rest, out ReadOnlySpan<char> minor))
        {
            return default;
        }

        if (rest.IsEmpty)
        {
            return new ParsedVersion { IsValid = true, Major = major, Minor = minor, Patch = "0", IsShort = true };
        }

        if (!TakeDot(ref rest) || !TakeNumber(ref rest, out ReadOnlySpan<char> patch))
        {
            return default;
        }

        int plus = rest.IndexOf('+');
        ReadOnlySpan<char> prerelease = plus < 0 ? rest : rest[..plus];
        ReadOnlySpan<char> build = plus < 0 ? default : rest[plus..];
        bool valid = prerelease.IsEmpty || (prerelease[0] == '-' && AreIdentifiers(prerelease[1..], leadingZeros: false));
        valid = valid && (build.IsEmpty || AreIdentifiers(build[1..], leadingZeros: true));
        return valid
            ? new ParsedVersion
            {
                IsValid = true,
                Major = major,
                Minor = minor,
                Patch = patch,
                Prerelease = prerelease,
                Build = build,
            }
            : default;
    }

    public static bool IsNumber(ReadOnlySpan<char> identifier) => !identifier.ContainsAnyExcept(Digits);

    private static bool TakeDot(scoped ref ReadOnlySpan<char> rest)
    {
        bool dot = rest[0] == '.';
        rest = dot ? rest[1..] : rest;
        return dot;
    }

    private static bool TakeNumber(scoped ref ReadOnlySpan<char> rest, out ReadOnlySpan<char> number)
    {
        int length = rest.IndexOfAnyExcept(Digits);
        number = length < 0 ? rest : rest[..length];
        rest = rest[number.Length..];
        return number.Length == 1 || (number.Length > 1 && number[0] != '0');
    }

    private static bool AreIdentifiers(ReadOnlySpan<char> text, bool leadingZeros)
    {
        foreach (Range part in text.Split('.'))
        {
            ReadOnlySpan<char> identifier = text[part];
            bool zeroLed = identifier.Length > 1 && identifier[0] == '0' && IsNumber(identifier);
            if (identifier.IsEmpty || (zeroLed && !leadingZeros))
            {
                return false;
            }

            foreach (char c in identifier)
            {
                if (!char.IsAsciiLetterOrDigit(c) && c != '-')
                {
                    return false;
                }
            }
        }

        return true;
    }

}
