using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>
/// Reads a pool's texts line by line: <c>word value</c>, ASCII, LF. Lines are taken in their one order; the first that is not as it has to be is told
/// by <see cref="Reason"/>, and what is read after it means nothing.
/// </summary>
internal sealed class PoolLines
{
    private readonly string what;
    private readonly string[] lines;
    private int at;

    /// <param name="text">Anybody's.</param>
    /// <param name="header">The first line.</param>
    /// <param name="what">Of what, in reasons: "the pool root".</param>
    /// <param name="maxLength">Characters.</param>
    public PoolLines(string text, string header, string what, int maxLength)
    {
        this.what = what;
        lines = text.Length <= maxLength && text.EndsWith('\n') ? text[..^1].Split('\n') : [];
        Reason = text.Length > maxLength ? $"{what} is longer than {maxLength} characters"
            : text.AsSpan().ContainsAnyExcept(PrintableLines) ? $"{what} has other characters than printable ASCII and line ends"
            : lines.Length == 0 || !string.Equals(lines[0], header, StringComparison.Ordinal) ? $"{what} does not begin with the line \"{header}\""
            : null;
        at = 1;
    }

    /// <summary>What is wrong, one sentence; null as long as nothing is.</summary>
    public string? Reason { get; private set; }

    private static System.Buffers.SearchValues<char> PrintableLines { get; } =
        System.Buffers.SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c), '\n']);

    /// <summary>Says what is wrong; the first that says so is heard.</summary>
    public void Refuse(string reason) => Reason ??= reason;

    /// <summary>The value of the next line if that is this word's; otherwise null, and the line stays.</summary>
    public string? Maybe(string word) =>
        Reason is null && at < lines.Length && lines[at].Length > word.Length + 1 && lines[at][word.Length] == ' '
        && lines[at].StartsWith(word, StringComparison.Ordinal)
            ? lines[at++][(word.Length + 1)..]
            : null;

    /// <summary>Whether the next line is just this word, which is then taken.</summary>
    public bool MaybeBare(string word)
    {
        var isThere = Reason is null && at < lines.Length && string.Equals(lines[at], word, StringComparison.Ordinal);
        at += isThere ? 1 : 0;
        return isThere;
    }

    public string Value(string word)
    {
        var value = Maybe(word);
        if (value is null)
        {
            Refuse($"{what} has no line \"{word}\" where it belongs");
        }

        return value ?? "";
    }

    public string Name(string word)
    {
        var name = Value(word);
        if (!PoolSyntax.IsName(name))
        {
            Refuse($"{what} has a line \"{word}\" without a name of 1 to 64 letters, digits, dots, dashes and underscores");
        }

        return name;
    }

    public long Number(string word, long most)
    {
        if (!StrictNumber.TryParse(Value(word), out var number) || number < 1 || number > most)
        {
            Refuse($"{what} has a line \"{word}\" without a number from 1 to {most}");
        }

        return number;
    }

    public DateTimeOffset Time(string word)
    {
        if (!PoolSyntax.TryParseTime(Value(word), out var time))
        {
            Refuse($"{what} has a line \"{word}\" without a time such as 2026-11-21T22:00:00Z");
        }

        return time;
    }

    public string Sha256(string value)
    {
        if (!RecordSyntax.IsSha256(value))
        {
            Refuse($"{what} has a hash that is not 64 lower-case hex digits");
        }

        return value;
    }

    /// <summary>To be asked last.</summary>
    public void End()
    {
        if (at != lines.Length)
        {
            Refuse($"{what} has a line that has no place there");
        }
    }
}
