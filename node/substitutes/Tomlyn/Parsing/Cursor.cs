namespace Tomlyn.Parsing;

/// <summary>A place in the text that moves forward, and the errors found on the way.</summary>
internal sealed class Cursor(SourceText source, Reports reports)
{
    /// <summary>What is read at the end of the text; a NUL in the text itself is told from it by <see cref="AtEnd"/>.</summary>
    private const char End = '\0';

    private readonly string text = source.Text;

    public int Offset { get; private set; }

    public SourceText Source => source;

    public Reports Reports => reports;

    public bool AtEnd => Offset >= text.Length;

    public char Current => Peek(0);

    /// <summary>At a line feed, or a carriage return with one.</summary>
    public bool AtNewLine => Current == '\n' || (Current == '\r' && Peek(1) == '\n');

    public char Peek(int ahead) => Offset + ahead < text.Length ? text[Offset + ahead] : End;

    public void Advance(int count = 1) => Offset = Math.Min(Offset + count, text.Length);

    public bool Take(char expected)
    {
        if (AtEnd || Current != expected)
        {
            return false;
        }

        Offset++;
        return true;
    }

    public bool StartsWith(string expected) => string.CompareOrdinal(text, Offset, expected, 0, expected.Length) == 0;

    public string From(int start) => text[start..Offset];

    public void SkipBlanks()
    {
        while (Current is ' ' or '\t')
        {
            Offset++;
        }
    }

    public bool TakeNewLine()
    {
        if (!AtNewLine)
        {
            return false;
        }

        Offset += Current == '\r' ? 2 : 1;
        return true;
    }

    /// <summary>Goes to the next line without looking at what is skipped.</summary>
    public void SkipLine()
    {
        var end = text.IndexOf('\n', Offset);
        Offset = end < 0 ? text.Length : end + 1;
    }

    /// <summary>Goes back, to read again what an error left unread.</summary>
    public void ReturnTo(int offset) => Offset = offset;

    /// <summary>Takes a comment if one begins here.</summary>
    public bool TakeComment()
    {
        if (!Take('#'))
        {
            return true;
        }

        for (; !AtEnd && !AtNewLine; Offset++)
        {
            if (IsForbiddenControl(Current))
            {
                reports.At(Offset, "a comment must not hold control characters other than tab");
                return false;
            }
        }

        return true;
    }

    /// <summary>Takes blanks, line ends and comments, as an array may have between its values.</summary>
    public bool SkipBlanksAndLines()
    {
        do
        {
            SkipBlanks();
            if (!TakeComment())
            {
                return false;
            }
        }
        while (TakeNewLine());
        return true;
    }

    public bool Fail(string message)
    {
        reports.At(Offset, message);
        return false;
    }

    public static bool IsForbiddenControl(char c) => c is (< ' ' and not '\t') or '\u007F';
}
