namespace Tomlyn.Syntax;

/// <summary>A whole document: the pairs before the first header, then the tables.</summary>
public sealed class DocumentSyntax : SyntaxNode
{
    public DiagnosticsBag Diagnostics { get; } = new();

    public bool HasErrors => Diagnostics.HasErrors;

    public SyntaxList<KeyValueSyntax> KeyValues { get; } = [];

    public SyntaxList<TableSyntaxBase> Tables { get; } = [];
}

/// <summary>A header and the pairs below it. <see cref="Name"/> is null when the header could not be read.</summary>
public abstract class TableSyntaxBase : SyntaxNode
{
    private protected TableSyntaxBase()
    {
    }

    public KeySyntax? Name { get; set; }

    public SyntaxList<KeyValueSyntax> Items { get; } = [];
}

/// <summary><c>[name]</c>.</summary>
public sealed class TableSyntax : TableSyntaxBase;

/// <summary><c>[[name]]</c>: one element of an array of tables.</summary>
public sealed class TableArraySyntax : TableSyntaxBase;

/// <summary><c>key = value</c>.</summary>
public sealed class KeyValueSyntax : SyntaxNode
{
    public KeySyntax? Key { get; set; }

    public ValueSyntax? Value { get; set; }
}
