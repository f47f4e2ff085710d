using Tomlyn.Syntax;

namespace Tomlyn.Parsing;

/// <summary>Keys: bare, quoted, dotted.</summary>
internal sealed class KeyParser(Cursor cursor, StringParser strings)
{
    public static bool IsBare(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-';

    /// <summary>The names of a key's parts, in order.</summary>
    public static List<string> Names(KeySyntax key)
    {
        List<string> names = [Name(key.Key)];
        foreach (var part in key.DotKeys)
        {
            names.Add(Name(part.Key));
        }

        return names;
    }

    /// <summary>A whole key with the blanks after it; null when an error was reported.</summary>
    public KeySyntax? Parse()
    {
        var start = cursor.Offset;
        var key = new KeySyntax { Key = Part() };
        if (key.Key is null)
        {
            return null;
        }

        var end = cursor.Offset;
        cursor.SkipBlanks();
        while (cursor.Take('.'))
        {
            cursor.SkipBlanks();
            if (key.DotKeys.ChildrenCount + 1 >= Limits.MaxDepth)
            {
                cursor.Fail($"a key may have {Limits.MaxDepth} parts at most");
                return null;
            }

            var part = Part();
            if (part is null)
            {
                return null;
            }

            key.DotKeys.Add(new DottedKeyItemSyntax { Key = part, Span = part.Span });
            end = cursor.Offset;
            cursor.SkipBlanks();
        }

        key.Span = cursor.Source.Span(start, end);
        return key;
    }

    private static string Name(BareKeyOrStringValueSyntax? part) => part switch
    {
        BareKeySyntax bare => bare.Key?.Text ?? string.Empty,
        StringValueSyntax quoted => quoted.Value ?? string.Empty,
        _ => string.Empty,
    };

    private BareKeyOrStringValueSyntax? Part()
    {
        if (cursor.Current is '"' or '\'')
        {
            return strings.ParseSingleLine();
        }

        var start = cursor.Offset;
        while (IsBare(cursor.Current))
        {
            cursor.Advance();
        }

        if (cursor.Offset == start)
        {
            cursor.Fail(cursor.Current > '\u007F'
                ? "a key without quotes has only the letters A to Z, a to z, digits, _ and -"
                : "expected a key");
            return null;
        }

        var span = cursor.Source.Span(start, cursor.Offset);
        return new BareKeySyntax { Key = new SyntaxToken { Text = cursor.From(start), Span = span }, Span = span };
    }
}
