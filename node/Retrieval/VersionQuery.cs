using System.Buffers;

namespace Athens.Federation.Node.Retrieval;

/// <summary>A module path and a query: <c>latest</c>, a branch, a tag, a commit or a part of a version.</summary>
internal readonly record struct VersionQuery(string Path, string Query)
{
    public const string Latest = "latest";

    /// <summary>Git allows ref names of about 250 bytes on common file systems; versions are far shorter.</summary>
    public const int MaxLength = 256;

    /// <summary>Not in a git ref name, not in Go's wire form of a version, or of meaning to <c>go list</c> (&lt;, &gt;, @).</summary>
    private static readonly SearchValues<char> Forbidden = SearchValues.Create(" \t<>=:;\"'`|?*\\^~[]{}@!,&$");

    /// <summary>Words that mean something to <c>go get</c> relative to its own go.mod; a proxy cannot know that.</summary>
    private static readonly string[] Relative = ["upgrade", "patch", "none"];

    /// <summary>Null when it may be handed on, else one sentence.</summary>
    public string? Malformed()
    {
        if (Query.Length is 0 or > MaxLength)
        {
            return $"a version or query has 1 to {MaxLength} characters";
        }

        string shown = new([.. Query.Select(static character => char.IsControl(character) ? '?' : character)]);
        if (Query.AsSpan().ContainsAny(Forbidden) || Query.Any(static c => char.IsControl(c) || char.IsWhiteSpace(c) || char.IsSurrogate(c)))
        {
            return $"{shown} is neither a version nor the name of a branch, a tag or a commit";
        }

        if (Query[0] is '-' or '/' or '.' || Query[^1] is '/' or '.' || Query.Contains("..", StringComparison.Ordinal))
        {
            return $"{shown} is neither a version nor the name of a branch, a tag or a commit";
        }

        return Relative.Contains(Query, StringComparer.Ordinal)
            ? $"{shown} means something only beside a go.mod; ask a proxy for latest or for a version"
            : null;
    }

    public override string ToString() => $"{Path}@{Query}";
}
