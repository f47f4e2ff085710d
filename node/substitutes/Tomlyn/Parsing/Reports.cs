using Tomlyn.Syntax;

namespace Tomlyn.Parsing;

/// <summary>
/// Where errors go, at most <see cref="Limits.MaxErrors"/>, and one for a line: a second one there mostly follows from
/// the first. Messages never quote what was written: it may be a secret
/// that lost its quotes.
/// </summary>
internal sealed class Reports(SourceText source, DiagnosticsBag diagnostics)
{
    private readonly HashSet<int> lines = [];

    public bool IsFull => diagnostics.Count >= Limits.MaxErrors;

    public void At(int offset, string message) => At(offset, offset + 1, message);

    public void At(int start, int end, string message) => Add(source.Span(start, end), message);

    /// <summary>The number of a line counts from 0; beyond the last line it is the last.</summary>
    public void AtLine(int line, string message) => Add(source.SpanOfLine(Math.Min(line, source.LineCount - 1)), message);

    private void Add(SourceSpan span, string message)
    {
        if (!IsFull && lines.Add(span.Start.Line))
        {
            diagnostics.Error(span, message);
        }
    }
}
