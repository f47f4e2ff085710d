namespace Tomlyn.Parsing;

/// <summary>What one document may cost.</summary>
internal static class Limits
{
    /// <summary>Bytes or UTF-16 code units: thousands of times a real configuration, and still parsed within a second.</summary>
    public const int MaxLength = 16 << 20;

    /// <summary>Arrays and inline tables inside one another, and parts of one key: keeps the stack small.</summary>
    public const int MaxDepth = 100;

    /// <summary>Errors that are told; a file with more is not TOML, and nobody reads on.</summary>
    public const int MaxErrors = 100;
}
