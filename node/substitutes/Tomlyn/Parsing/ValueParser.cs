using Tomlyn.Syntax;

namespace Tomlyn.Parsing;

/// <summary>Values of every type. Null means that an error was reported and the cursor stands near it.</summary>
internal sealed class ValueParser(Cursor cursor, StringParser strings, KeyParser keys)
{
    private int depth;

    public ValueSyntax? Parse()
    {
        switch (cursor.Current)
        {
            case '"' or '\'':
                return strings.Parse();
            case '[' or '{' when depth >= Limits.MaxDepth:
                cursor.Fail($"arrays and inline tables may lie {Limits.MaxDepth} deep at most");
                return null;
            case '[':
                return Nested(Array);
            case '{':
                return Nested(InlineTable);
            default:
                return Scalar();
        }
    }

    /// <summary><c>key = value</c>, without anything after the value.</summary>
    public KeyValueSyntax? KeyValue()
    {
        var start = cursor.Offset;
        var key = keys.Parse();
        if (key is null)
        {
            return null;
        }

        if (!cursor.Take('='))
        {
            cursor.Fail("expected = after the key");
            return null;
        }

        cursor.SkipBlanks();
        if (cursor.AtEnd || cursor.AtNewLine || cursor.Current == '#')
        {
            cursor.Reports.At(start, cursor.Offset, "the key has no value");
            return null;
        }

        var value = Parse();
        return value is null
            ? null
            : new KeyValueSyntax { Key = key, Value = value, Span = cursor.Source.Span(start, cursor.Offset) };
    }

    private static bool IsOfWord(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '+' or '-' or '.' or ':';

    private ValueSyntax? Nested(Func<int, ValueSyntax?> parse)
    {
        depth++;
        var start = cursor.Offset;
        cursor.Advance();
        var value = parse(start);
        depth--;
        return value;
    }

    private ArraySyntax? Array(int start)
    {
        var array = new ArraySyntax();
        while (true)
        {
            if (!cursor.SkipBlanksAndLines())
            {
                return null;
            }

            if (cursor.Take(']'))
            {
                array.Span = cursor.Source.Span(start, cursor.Offset);
                return array;
            }

            if (cursor.AtEnd)
            {
                cursor.Reports.At(start, "the array has no end");
                return null;
            }

            var item = Parse();
            if (item is null || !cursor.SkipBlanksAndLines())
            {
                return null;
            }

            array.Items.Add(new ArrayItemSyntax { Value = item, Span = item.Span });
            if (!cursor.Take(',') && !cursor.AtEnd && cursor.Current != ']')
            {
                cursor.Fail("expected a comma or ] after the value");
                return null;
            }
        }
    }

    private InlineTableSyntax? InlineTable(int start)
    {
        var table = new InlineTableSyntax();
        cursor.SkipBlanks();
        var closed = cursor.Take('}');
        while (!closed)
        {
            if (cursor.AtEnd || cursor.AtNewLine)
            {
                cursor.Reports.At(start, "the inline table does not end on its line");
                return null;
            }

            if (cursor.Current == '}')
            {
                cursor.Fail("an inline table must not end in a comma");
                return null;
            }

            var pair = KeyValue();
            if (pair is null)
            {
                return null;
            }

            table.Items.Add(new InlineTableItemSyntax { KeyValue = pair, Span = pair.Span });
            cursor.SkipBlanks();
            closed = cursor.Take('}');
            if (!closed && !cursor.Take(','))
            {
                cursor.Fail("expected a comma or } on the same line");
                return null;
            }

            cursor.SkipBlanks();
        }

        table.Span = cursor.Source.Span(start, cursor.Offset);
        return table;
    }

    private ValueSyntax? Scalar()
    {
        var start = cursor.Offset;
        TakeWord();
        if (DateTimeParser.IsDate(cursor.From(start)) && cursor.Current == ' ' && char.IsAsciiDigit(cursor.Peek(1)))
        {
            cursor.Advance();
            TakeWord();
        }

        var word = cursor.From(start);
        var problem = "expected a value: a string needs quotes";
        ValueSyntax? value = word switch
        {
            "" => null,
            "true" or "false" => new BooleanValueSyntax { Value = word == "true" },
            _ when char.IsAsciiLetter(word[0]) && word is not ("inf" or "nan") => null,
            _ when DateTimeParser.LooksLike(word) => DateTimeParser.Parse(word, out problem),
            _ => NumberParser.Parse(word, out problem),
        };
        if (value is null)
        {
            cursor.Reports.At(start, Math.Max(cursor.Offset, start + 1), problem);
            return null;
        }

        value.Span = cursor.Source.Span(start, cursor.Offset);
        return value;
    }

    private void TakeWord()
    {
        while (IsOfWord(cursor.Current))
        {
            cursor.Advance();
        }
    }
}
