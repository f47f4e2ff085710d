using System.Globalization;
using System.Text;
using Tomlyn.Syntax;

namespace Tomlyn.Parsing;

/// <summary>The four notations of strings. Line ends in a multi-line string become line feeds.</summary>
internal sealed class StringParser(Cursor cursor)
{
    private const int QuotesOfMultiLine = 3;

    /// <summary>Any string; the cursor stands at its quote.</summary>
    public StringValueSyntax? Parse()
    {
        var quote = cursor.Current;
        return cursor.Peek(1) == quote && cursor.Peek(2) == quote ? ParseMultiLine(quote) : ParseSingleLine();
    }

    /// <summary>A basic or a literal string on one line, as keys may have them.</summary>
    public StringValueSyntax? ParseSingleLine()
    {
        var start = cursor.Offset;
        var quote = cursor.Current;
        cursor.Advance();
        var value = new StringBuilder();
        while (!cursor.Take(quote))
        {
            if (cursor.AtEnd || cursor.AtNewLine)
            {
                cursor.Reports.At(start, "the string does not end on its line");
                return null;
            }

            if (!TakeCharacter(value, quote == '"'))
            {
                return null;
            }
        }

        return new StringValueSyntax { Value = value.ToString(), Span = cursor.Source.Span(start, cursor.Offset) };
    }

    private StringValueSyntax? ParseMultiLine(char quote)
    {
        var start = cursor.Offset;
        cursor.Advance(QuotesOfMultiLine);
        cursor.TakeNewLine();
        var value = new StringBuilder();
        while (!TakeClosing(quote, value))
        {
            if (cursor.AtEnd)
            {
                cursor.Reports.At(start, "the multi-line string has no end");
                return null;
            }

            if (cursor.TakeNewLine())
            {
                value.Append('\n');
            }
            else if (!(quote == '"' && TakeLineContinuation()) && !TakeCharacter(value, quote == '"'))
            {
                return null;
            }
        }

        return new StringValueSyntax { Value = value.ToString(), Span = cursor.Source.Span(start, cursor.Offset) };
    }

    /// <summary>Three quotes end the string; one or two more just before them belong to it.</summary>
    private bool TakeClosing(char quote, StringBuilder value)
    {
        var quotes = 0;
        while (quotes < QuotesOfMultiLine + 2 && cursor.Peek(quotes) == quote)
        {
            quotes++;
        }

        cursor.Advance(quotes);
        var closes = quotes >= QuotesOfMultiLine;
        value.Append(quote, closes ? quotes - QuotesOfMultiLine : quotes);
        return closes;
    }

    /// <summary>A backslash at a line's end takes away all white space up to the next character.</summary>
    private bool TakeLineContinuation()
    {
        if (cursor.Current != '\\')
        {
            return false;
        }

        var blanks = 1;
        while (cursor.Peek(blanks) is ' ' or '\t')
        {
            blanks++;
        }

        if (cursor.Peek(blanks) != '\n' && !(cursor.Peek(blanks) == '\r' && cursor.Peek(blanks + 1) == '\n'))
        {
            return false;
        }

        cursor.Advance(blanks);
        do
        {
            cursor.SkipBlanks();
        }
        while (cursor.TakeNewLine());
        return true;
    }

    private bool TakeCharacter(StringBuilder value, bool escapes)
    {
        if (cursor.AtEnd)
        {
            return true;
        }

        if (escapes && cursor.Current == '\\')
        {
            return TakeEscape(value);
        }

        if (Cursor.IsForbiddenControl(cursor.Current))
        {
            return cursor.Fail("a string must not hold control characters other than tab: write them as \\uXXXX");
        }

        value.Append(cursor.Current);
        cursor.Advance();
        return true;
    }

    private bool TakeEscape(StringBuilder value)
    {
        var letter = cursor.Peek(1);
        char? plain = letter switch
        {
            'b' => '\b',
            't' => '\t',
            'n' => '\n',
            'f' => '\f',
            'r' => '\r',
            '"' => '"',
            '\\' => '\\',
            _ => null,
        };
        if (plain is not null)
        {
            value.Append(plain);
            cursor.Advance(2);
            return true;
        }

        return letter switch
        {
            'u' => TakeUnicode(value, 4),
            'U' => TakeUnicode(value, 8),
            _ => cursor.Fail(@"not an escape: only \b \t \n \f \r \"" \\ \uXXXX \UXXXXXXXX are (or a literal string in single quotes)"),
        };
    }

    private bool TakeUnicode(StringBuilder value, int digits)
    {
        Span<char> hex = stackalloc char[digits];
        for (var i = 0; i < digits; i++)
        {
            hex[i] = cursor.Peek(2 + i);
            if (!char.IsAsciiHexDigit(hex[i]))
            {
                return cursor.Fail($"the escape needs {digits} hexadecimal digits");
            }
        }

        var code = uint.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        if (!Rune.TryCreate(code, out var rune))
        {
            return cursor.Fail("the escape is not a Unicode scalar value");
        }

        value.Append(rune);
        cursor.Advance(2 + digits);
        return true;
    }
}
