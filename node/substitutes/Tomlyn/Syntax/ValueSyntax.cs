namespace Tomlyn.Syntax;

public abstract class ValueSyntax : SyntaxNode
{
    private protected ValueSyntax()
    {
    }
}

/// <summary>A string of any of the four notations, its escapes resolved.</summary>
public sealed class StringValueSyntax : BareKeyOrStringValueSyntax
{
    public string? Value { get; set; }
}

public sealed class IntegerValueSyntax : ValueSyntax
{
    public long Value { get; set; }
}

public sealed class FloatValueSyntax : ValueSyntax
{
    public double Value { get; set; }
}

public sealed class BooleanValueSyntax : ValueSyntax
{
    public bool Value { get; set; }
}

public sealed class DateTimeValueSyntax : ValueSyntax
{
    public TomlDateTime Value { get; set; }
}

public sealed class ArraySyntax : ValueSyntax
{
    public SyntaxList<ArrayItemSyntax> Items { get; } = [];
}

public sealed class ArrayItemSyntax : SyntaxNode
{
    public ValueSyntax? Value { get; set; }
}

public sealed class InlineTableSyntax : ValueSyntax
{
    public SyntaxList<InlineTableItemSyntax> Items { get; } = [];
}

public sealed class InlineTableItemSyntax : SyntaxNode
{
    public KeyValueSyntax? KeyValue { get; set; }
}
