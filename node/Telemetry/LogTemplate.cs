using System.Collections.Concurrent;
using System.Text;
using LogField = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Athens.Federation.Node.Telemetry;

/// <summary>A message template taken apart once: texts, and holes that name a field.</summary>
internal sealed class LogTemplate
{
    public const string FieldName = "{OriginalFormat}";

    /// <summary>Templates are constants in code, so far fewer exist; a caller that makes them up fills no memory.</summary>
    private const int CacheLimit = 2048;

    private static readonly ConcurrentDictionary<string, LogTemplate> Cache = new(StringComparer.Ordinal);

    private readonly Part[] parts;

    private LogTemplate(Part[] parts) => this.parts = parts;

    public static LogTemplate Of(string text)
    {
        if (!Cache.TryGetValue(text, out var template))
        {
            template = Parse(text);
            if (Cache.Count < CacheLimit)
            {
                Cache.TryAdd(text, template);
            }
        }

        return template;
    }

    /// <summary>True when the message shows the field itself.</summary>
    public bool Shows(string field)
    {
        foreach (var part in parts)
        {
            if (part.Hole is not null && part.Hole.Equals(field, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Appends the message to <paramref name="text"/>, values as they are: whoever writes it out escapes it.</summary>
    public void Render(Utf8Text text, ReadOnlySpan<LogField> fields)
    {
        var holes = 0;
        foreach (var part in parts)
        {
            if (part.Hole is null)
            {
                text.Append(part.Text);
            }
            else if (TryFind(fields, part.Hole, holes++, out var value))
            {
                LogValue.Write(text, value, part.Format);
            }
        }
    }

    private static bool TryFind(ReadOnlySpan<LogField> fields, string name, int guess, out object? value)
    {
        // Nearly always the nth hole is the nth field.
        if (guess < fields.Length && fields[guess].Key.Equals(name, StringComparison.OrdinalIgnoreCase))
        {
            value = fields[guess].Value;
            return true;
        }

        foreach (var field in fields)
        {
            if (field.Key.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                value = field.Value;
                return true;
            }
        }

        value = null;
        return false;
    }

    private static LogTemplate Parse(string template)
    {
        var found = new List<Part>();
        var literal = new StringBuilder();
        for (var i = 0; i < template.Length; i++)
        {
            var c = template[i];
            var doubled = i + 1 < template.Length && template[i + 1] == c;
            if (c is '{' or '}' && doubled)
            {
                literal.Append(c);
                i++;
                continue;
            }

            var end = c == '{' ? template.IndexOf('}', i) : -1;
            if (end < 0)
            {
                literal.Append(c);
                continue;
            }

            AddText(found, literal);
            found.Add(Hole(template[(i + 1)..end]));
            i = end;
        }

        AddText(found, literal);
        return new LogTemplate([.. found]);
    }

    private static void AddText(List<Part> found, StringBuilder literal)
    {
        if (literal.Length > 0)
        {
            found.Add(new Part(Encoding.UTF8.GetBytes(literal.ToString()), null, null));
            literal.Clear();
        }
    }

    /// <summary><c>Name[,alignment][:format]</c>. The alignment is for columns; a log line has none.</summary>
    private static Part Hole(string hole)
    {
        var colon = hole.IndexOf(':', StringComparison.Ordinal);
        var name = colon < 0 ? hole : hole[..colon];
        var comma = name.IndexOf(',', StringComparison.Ordinal);
        return new Part([], (comma < 0 ? name : name[..comma]).Trim(), colon < 0 ? null : hole[(colon + 1)..]);
    }

    private readonly record struct Part(byte[] Text, string? Hole, string? Format);
}
