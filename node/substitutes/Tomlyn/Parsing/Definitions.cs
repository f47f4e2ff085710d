using Tomlyn.Syntax;

namespace Tomlyn.Parsing;

/// <summary>Holds every name to one definition, by TOML's rules for tables, dotted keys, inline tables and arrays.</summary>
internal sealed class Definitions(Reports reports)
{
    private enum How
    {
        /// <summary>Named on the way to another header: a header of its own, or dotted keys, may still define it.</summary>
        Implied,
        Header,

        /// <summary>By dotted keys under one header; only headers of tables inside it may add to it later.</summary>
        Dotted,
        ArrayOfTables,

        /// <summary>A value, or an inline table or array with all that is in it: closed.</summary>
        Value,
    }

    private readonly Definition root = new(How.Header);
    private Definition? current;
    private bool started;

    private Definition? Current => started ? current : root;

    /// <summary>What follows belongs to a header not yet read (or not readable: then nothing is checked below it).</summary>
    public void LeaveTable()
    {
        started = true;
        current = null;
    }

    public void Enter(KeySyntax name, bool isArray)
    {
        var parts = KeyParser.Names(name);
        var at = root;
        foreach (var part in parts.Take(parts.Count - 1))
        {
            at = at.ChildOrNew(part, How.Implied);
            if (at.How == How.Value)
            {
                Report(name, "a table cannot be added here: the name already has a value, an array or an inline table");
                return;
            }

            at = at.LastElement;
        }

        var own = at.ChildOrNew(parts[^1], isArray ? How.ArrayOfTables : How.Implied);
        if (own.How != (isArray ? How.ArrayOfTables : How.Implied))
        {
            Report(name, isArray ? "the name is defined already, and not as an array of tables" : "the table is defined already");
            return;
        }

        if (isArray)
        {
            own.AddElement();
        }
        else
        {
            own.How = How.Header;
        }

        current = own.LastElement;
    }

    /// <summary>A pair under the current header.</summary>
    public void Define(KeyValueSyntax pair)
    {
        if (Current is { } table)
        {
            Define(table, pair);
        }
        else
        {
            CheckInside(pair.Value);
        }
    }

    private void Define(Definition table, KeyValueSyntax pair)
    {
        CheckInside(pair.Value);
        var parts = KeyParser.Names(pair.Key!);
        foreach (var part in parts.Take(parts.Count - 1))
        {
            table = table.ChildOrNew(part, How.Implied);
            if (table.How is not (How.Implied or How.Dotted))
            {
                Report(pair.Key!, "a dotted key cannot add to what is defined elsewhere or is no table");
                return;
            }

            table.How = How.Dotted;
        }

        if (!table.TryAdd(parts[^1], new Definition(How.Value)))
        {
            Report(pair.Key!, "the key is defined already");
        }
    }

    /// <summary>Inline tables have names of their own, closed to the outside.</summary>
    private void CheckInside(ValueSyntax? value)
    {
        if (value is InlineTableSyntax inline)
        {
            var inside = new Definition(How.Header);
            foreach (var item in inline.Items)
            {
                Define(inside, item.KeyValue!);
            }
        }
        else if (value is ArraySyntax array)
        {
            foreach (var item in array.Items)
            {
                CheckInside(item.Value);
            }
        }
    }

    private void Report(KeySyntax key, string message) =>
        reports.At(key.Span.Start.Offset, key.Span.End.Offset + 1, message);

    private sealed class Definition(How how)
    {
        private Dictionary<string, Definition>? children;
        private Definition? lastElement;

        public How How { get; set; } = how;

        /// <summary>Where names below this one belong: an array's last table, else the table itself.</summary>
        public Definition LastElement => lastElement ?? this;

        public void AddElement() => lastElement = new Definition(How.Header);

        public bool TryAdd(string name, Definition definition) =>
            (children ??= new(StringComparer.Ordinal)).TryAdd(name, definition);

        public Definition ChildOrNew(string name, How how)
        {
            children ??= new(StringComparer.Ordinal);
            if (!children.TryGetValue(name, out var child))
            {
                child = new Definition(how);
                children.Add(name, child);
            }

            return child;
        }
    }
}
