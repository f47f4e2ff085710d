using System.Collections;

namespace Tomlyn.Syntax;

public enum DiagnosticMessageKind
{
    Error,
    Warning,
}

/// <summary>What is wrong, and where.</summary>
public class DiagnosticMessage(DiagnosticMessageKind kind, SourceSpan span, string message)
{
    public DiagnosticMessageKind Kind { get; set; } = kind;

    public SourceSpan Span { get; set; } = span;

    public string Message { get; set; } = message;

    public override string ToString() =>
        $"{Span.FileName}{Span.Start} : {(Kind == DiagnosticMessageKind.Error ? "error" : "warning")} : {Message}";
}

/// <summary>All that is wrong with one document, in the order of its text.</summary>
public class DiagnosticsBag : IEnumerable<DiagnosticMessage>
{
    private readonly List<DiagnosticMessage> messages = [];

    public int Count => messages.Count;

    public bool HasErrors { get; private set; }

    public DiagnosticMessage this[int index] => messages[index];

    public void Error(SourceSpan span, string text)
    {
        messages.Add(new(DiagnosticMessageKind.Error, span, text));
        HasErrors = true;
    }

    public IEnumerator<DiagnosticMessage> GetEnumerator() => messages.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
