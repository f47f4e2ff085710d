using Tomlyn.Syntax;

namespace Tomlyn.Parsing;

/// <summary>
/// A document, line by line. After an error it goes on at the next line that looks like a statement, so that one run
/// tells of every error.
/// </summary>
internal sealed class DocumentParser
{
    private readonly DocumentSyntax document = new();
    private readonly Cursor cursor;
    private readonly SourceText source;
    private readonly KeyParser keys;
    private readonly ValueParser values;
    private readonly Definitions definitions;
    private TableSyntaxBase? table;

    public DocumentParser(SourceText source)
    {
        this.source = source;
        Reports = new Reports(source, document.Diagnostics);
        cursor = new Cursor(source, Reports);
        var strings = new StringParser(cursor);
        keys = new KeyParser(cursor, strings);
        values = new ValueParser(cursor, strings, keys);
        definitions = new Definitions(Reports);
    }

    public Reports Reports { get; }

    public DocumentSyntax Parse()
    {
        if (source.IsTooLong)
        {
            Reports.At(0, $"the document is longer than {Limits.MaxLength} bytes");
            return document;
        }

        EncodingCheck.Report(source.Text, Reports);
        while (!cursor.AtEnd && !Reports.IsFull)
        {
            var line = source.PositionOf(cursor.Offset).Line;
            if (!Statement() || !EndOfStatement())
            {
                Recover(line);
            }
        }

        return document;
    }

    private bool Statement()
    {
        cursor.SkipBlanks();
        if (cursor.AtEnd || cursor.AtNewLine || cursor.Current == '#')
        {
            return true;
        }

        if (cursor.Current == '[')
        {
            return Header();
        }

        var pair = values.KeyValue();
        if (pair is null)
        {
            return false;
        }

        (table?.Items ?? document.KeyValues).Add(pair);
        definitions.Define(pair);
        return true;
    }

    private bool Header()
    {
        var start = cursor.Offset;
        var isArray = cursor.Peek(1) == '[';
        cursor.Advance(isArray ? 2 : 1);
        table = isArray ? new TableArraySyntax() : new TableSyntax();
        document.Tables.Add(table);
        definitions.LeaveTable();
        cursor.SkipBlanks();
        var name = keys.Parse();
        var closing = isArray ? "]]" : "]";
        if (name is not null && !cursor.StartsWith(closing))
        {
            cursor.Fail($"expected {closing} after the table's name");
            name = null;
        }

        if (name is null)
        {
            return false;
        }

        cursor.Advance(closing.Length);
        table.Name = name;
        table.Span = source.Span(start, cursor.Offset);
        definitions.Enter(name, isArray);
        return true;
    }

    private bool EndOfStatement()
    {
        cursor.SkipBlanks();
        if (!cursor.TakeComment())
        {
            return false;
        }

        return cursor.AtEnd || cursor.TakeNewLine() || cursor.Fail("expected the end of the line");
    }

    /// <summary>Within a value of several lines the rest of it is skipped too: it would only give errors that are none.</summary>
    private void Recover(int firstLine)
    {
        var lineStart = source.StartOfLine(cursor.Offset);
        var several = source.PositionOf(lineStart).Line > firstLine;
        if (several)
        {
            cursor.ReturnTo(lineStart);
        }
        else
        {
            cursor.SkipLine();
        }

        while (several && !cursor.AtEnd && !LooksLikeStatement())
        {
            cursor.SkipLine();
        }
    }

    private bool LooksLikeStatement()
    {
        var ahead = 0;
        while (cursor.Peek(ahead) is ' ' or '\t' or '[')
        {
            ahead++;
        }

        var afterBrackets = ahead > 0 && cursor.Peek(ahead - 1) == '[';
        var start = ahead;
        while (KeyParser.IsBare(cursor.Peek(ahead)) || cursor.Peek(ahead) is '.' or ' ' or '"' or '\'')
        {
            ahead++;
        }

        if (ahead == start || cursor.Peek(ahead) != (afterBrackets ? ']' : '='))
        {
            return false;
        }

        while (afterBrackets && cursor.Peek(ahead) is ' ' or '\t' or ']')
        {
            ahead++;
        }

        // "[2]," is a value of the array that is being skipped, "[table]" is not.
        return !afterBrackets || cursor.Peek(ahead) is '\r' or '\n' or '#' or '\0';
    }
}
