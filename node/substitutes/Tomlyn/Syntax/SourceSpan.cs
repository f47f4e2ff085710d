namespace Tomlyn.Syntax;

/// <summary>A place in the text: all three count from 0; column and offset are in UTF-16 code units.</summary>
public record struct TextPosition(int Offset, int Line, int Column)
{
    public override readonly string ToString() => $"({Line + 1},{Column + 1})";
}

/// <summary>From the first to the last character (inclusive) of something in the text.</summary>
public record struct SourceSpan
{
    public string FileName;

    public TextPosition Start;

    public TextPosition End;

    public SourceSpan(string fileName, TextPosition start, TextPosition end)
    {
        FileName = fileName;
        Start = start;
        End = end;
    }

    public override readonly string ToString() => $"{FileName}{Start}-{End}";
}
