namespace Athens.Federation.Node.Transparency;

/// <summary>
/// The text of a log's signed head (c2sp.org/tlog-checkpoint): origin, size, root, and extension lines if any. Reading it checks no
/// signature; whoever uses one has taken it from a <see cref="SignedNote"/> that the log's key signed.
/// </summary>
internal sealed record Checkpoint
{
    /// <summary>Extension lines: none are in use, and each is one more thing that witnesses sign without knowing what it says.</summary>
    public const int MaxExtensions = 16;

    private const string Malformed = "a checkpoint has an origin, a size and a root, each in a line of its own that ends in LF";

    private Checkpoint(string origin, TreeHead head, IReadOnlyList<string> extensions)
    {
        Origin = origin;
        Head = head;
        Extensions = extensions;
    }

    /// <summary>The log's name: the same for every checkpoint of a log, and of no other log.</summary>
    public string Origin { get; }

    public TreeHead Head { get; }

    /// <summary>Lines after the root, opaque and not empty.</summary>
    public IReadOnlyList<string> Extensions { get; }

    /// <exception cref="ArgumentException">The origin is empty or has a line feed, or no tree has that size.</exception>
    public static Checkpoint Of(string origin, TreeHead head)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(head.Size, nameof(head));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(head.Size, MerkleTree.MaxSize, nameof(head));
        return origin.Length > 0 && !origin.Contains('\n', StringComparison.Ordinal)
            ? new Checkpoint(origin, head, [])
            : throw new ArgumentException("A log's origin is one line.", nameof(origin));
    }

    /// <summary>Reads a checkpoint's text, or says in one sentence why it is none.</summary>
    public static Checkpoint? Parse(string text, out string? reason)
    {
        reason = Malformed;
        var lines = text.Split('\n', 3 + MaxExtensions + 2);
        if (lines.Length < 4 || lines[^1].Length > 0 || lines[0].Length == 0)
        {
            return null;
        }

        if (HeadLines.Parse(lines[1], lines[2], out reason) is not { } head)
        {
            return null;
        }

        var extensions = lines[3..^1];
        reason = extensions.Length > MaxExtensions ? $"the checkpoint has more than {MaxExtensions} extension lines"
            : extensions.Any(line => line.Length == 0) ? "an extension line of the checkpoint is empty" : null;
        return reason is null ? new Checkpoint(lines[0], head, extensions) : null;
    }

    /// <summary>The text that is signed.</summary>
    public string ToText() => HeadLines.Format(Origin, Head) + string.Concat(Extensions.Select(line => line + "\n"));
}
