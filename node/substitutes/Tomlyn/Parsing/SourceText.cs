using Tomlyn.Syntax;

namespace Tomlyn.Parsing;

/// <summary>The text, and where its lines begin.</summary>
internal sealed class SourceText
{
    private const char ByteOrderMark = '\uFEFF';

    private readonly string fileName;
    private readonly List<int> lineStarts = [0];

    /// <summary>Null stands for a text beyond <see cref="Limits.MaxLength"/>.</summary>
    public SourceText(string? text, string fileName)
    {
        this.fileName = fileName;
        IsTooLong = text is null;
        Text = text is null ? string.Empty : text.StartsWith(ByteOrderMark) ? text[1..] : text;
        for (var i = Text.IndexOf('\n', StringComparison.Ordinal); i >= 0; i = Text.IndexOf('\n', i + 1))
        {
            lineStarts.Add(i + 1);
        }
    }

    /// <summary>Without a byte order mark; empty when too long.</summary>
    public string Text { get; }

    public bool IsTooLong { get; }

    public TextPosition PositionOf(int offset)
    {
        var found = lineStarts.BinarySearch(offset);
        var line = found >= 0 ? found : ~found - 1;
        return new(offset, line, offset - lineStarts[line]);
    }

    /// <summary>From <paramref name="start"/> to before <paramref name="end"/>.</summary>
    public SourceSpan Span(int start, int end) => new(fileName, PositionOf(start), PositionOf(Math.Max(start, end - 1)));

    public SourceSpan SpanOfLine(int line) => new(fileName, new(lineStarts[line], line, 0), new(lineStarts[line], line, 0));

    /// <summary>Where the line of an offset begins.</summary>
    public int StartOfLine(int offset) => lineStarts[PositionOf(offset).Line];

    public int LineCount => lineStarts.Count;
}
