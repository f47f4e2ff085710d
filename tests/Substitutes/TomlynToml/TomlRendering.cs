using System.Globalization;
using System.Text;
using Tomlyn;
using Tomlyn.Syntax;

namespace Athens.Federation.Tests.Substitutes.TomlynToml;

/// <summary>Puts a document together into tables and writes it in one line, keys sorted, so that it can be compared.</summary>
internal static class TomlRendering
{
    /// <param name="document">A document without errors.</param>
    /// <param name="exact">Floats as the bits of their IEEE 754 form, times in whole microseconds and UTC.</param>
    public static string Render(DocumentSyntax document, bool exact = false)
    {
        var root = new SortedDictionary<string, object>(StringComparer.Ordinal);
        AddAll(root, document.KeyValues);
        foreach (var table in document.Tables)
        {
            var path = Names(table.Name!);
            var parent = Walk(root, path.SkipLast(1));
            SortedDictionary<string, object> own;
            if (table is TableArraySyntax)
            {
                own = new(StringComparer.Ordinal);
                if (!parent.TryGetValue(path[^1], out var list))
                {
                    parent[path[^1]] = list = new List<object>();
                }

                ((List<object>)list).Add(own);
            }
            else
            {
                own = Walk(parent, path.TakeLast(1));
            }

            AddAll(own, table.Items);
        }

        var text = new StringBuilder();
        Write(text, root, exact);
        return text.ToString();
    }

    public static List<string> Names(KeySyntax key) => [Name(key.Key!), .. key.DotKeys.Select(part => Name(part.Key!))];

    private static string Name(BareKeyOrStringValueSyntax part) =>
        part is BareKeySyntax bare ? bare.Key!.Text! : ((StringValueSyntax)part).Value!;

    private static SortedDictionary<string, object> Walk(SortedDictionary<string, object> table, IEnumerable<string> path)
    {
        foreach (var name in path)
        {
            if (!table.TryGetValue(name, out var child))
            {
                table[name] = child = new SortedDictionary<string, object>(StringComparer.Ordinal);
            }

            table = child as SortedDictionary<string, object> ?? (SortedDictionary<string, object>)((List<object>)child)[^1];
        }

        return table;
    }

    private static void AddAll(SortedDictionary<string, object> table, IEnumerable<KeyValueSyntax> pairs)
    {
        foreach (var pair in pairs)
        {
            var path = Names(pair.Key!);
            Walk(table, path.SkipLast(1))[path[^1]] = Value(pair.Value!);
        }
    }

    private static object Value(ValueSyntax value)
    {
        switch (value)
        {
            case InlineTableSyntax inline:
                var table = new SortedDictionary<string, object>(StringComparer.Ordinal);
                AddAll(table, inline.Items.Select(item => item.KeyValue!));
                return table;
            case ArraySyntax array:
                return array.Items.Select(item => Value(item.Value!)).ToList();
            case StringValueSyntax text:
                return text.Value!;
            case IntegerValueSyntax integer:
                return integer.Value;
            case FloatValueSyntax number:
                return number.Value;
            case BooleanValueSyntax boolean:
                return boolean.Value;
            default:
                return ((DateTimeValueSyntax)value).Value;
        }
    }

    private static void Write(StringBuilder text, object value, bool exact)
    {
        switch (value)
        {
            case SortedDictionary<string, object> table:
                text.Append('{');
                foreach (var (name, item) in table)
                {
                    text.Append(text[^1] == '{' ? string.Empty : ", ");
                    WriteString(text, name);
                    text.Append('=');
                    Write(text, item, exact);
                }

                text.Append('}');
                break;
            case List<object> list:
                text.Append('[');
                foreach (var item in list)
                {
                    text.Append(text[^1] == '[' ? string.Empty : ", ");
                    Write(text, item, exact);
                }

                text.Append(']');
                break;
            case string s:
                WriteString(text, s);
                break;
            case double d:
                text.Append(exact ? Bits(d) : d.ToString("R", CultureInfo.InvariantCulture) + "f");
                break;
            case bool b:
                text.Append(b ? "true" : "false");
                break;
            case TomlDateTime time:
                text.Append(exact ? ExactTime(time) : ReadableTime(time));
                break;
            default:
                text.Append(CultureInfo.InvariantCulture, $"{value}");
                break;
        }
    }

    private static void WriteString(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var rune in value.EnumerateRunes())
        {
            if (rune.Value is < ' ' or > '~' or '"' or '\\')
            {
                text.Append(CultureInfo.InvariantCulture, $"\\{{{rune.Value:x}}}");
            }
            else
            {
                text.Append(rune);
            }
        }

        text.Append('"');
    }

    private static string Bits(double value) =>
        double.IsNaN(value) ? "nan" : BitConverter.DoubleToUInt64Bits(value).ToString("x16", CultureInfo.InvariantCulture);

    private static string ExactTime(TomlDateTime time)
    {
        const string Time = "HH:mm:ss.ffffff";
        var format = time.Kind switch
        {
            TomlDateTimeKind.LocalDate => "'d'yyyy-MM-dd",
            TomlDateTimeKind.LocalTime => "'t'" + Time,
            TomlDateTimeKind.LocalDateTime => "'l'yyyy-MM-dd'T'" + Time,
            _ => "'o'yyyy-MM-dd'T'" + Time,
        };
        var isOffset = time.Kind is TomlDateTimeKind.OffsetDateTimeByNumber or TomlDateTimeKind.OffsetDateTimeByZ;
        return (isOffset ? time.DateTime.ToUniversalTime() : time.DateTime).ToString(format, CultureInfo.InvariantCulture);
    }

    private static string ReadableTime(TomlDateTime time)
    {
        var fraction = time.SecondPrecision == 0 ? string.Empty : "." + new string('f', time.SecondPrecision);
        var format = time.Kind switch
        {
            TomlDateTimeKind.LocalDate => "yyyy-MM-dd",
            TomlDateTimeKind.LocalTime => "HH:mm:ss" + fraction,
            TomlDateTimeKind.LocalDateTime => "yyyy-MM-dd'T'HH:mm:ss" + fraction,
            TomlDateTimeKind.OffsetDateTimeByZ => "yyyy-MM-dd'T'HH:mm:ss" + fraction + "'Z'",
            _ => "yyyy-MM-dd'T'HH:mm:ss" + fraction + "zzz",
        };
        return time.DateTime.ToString(format, CultureInfo.InvariantCulture);
    }
}
