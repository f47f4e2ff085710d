namespace Tomlyn.Syntax;

/// <summary>A key: its first part, and the parts after each dot.</summary>
public sealed class KeySyntax : ValueSyntax
{
    public BareKeyOrStringValueSyntax? Key { get; set; }

    public SyntaxList<DottedKeyItemSyntax> DotKeys { get; } = [];
}

/// <summary>A part of a key after a dot.</summary>
public sealed class DottedKeyItemSyntax : ValueSyntax
{
    public BareKeyOrStringValueSyntax? Key { get; set; }
}

/// <summary>One part of a key: <see cref="BareKeySyntax"/> or <see cref="StringValueSyntax"/>.</summary>
public abstract class BareKeyOrStringValueSyntax : ValueSyntax
{
    private protected BareKeyOrStringValueSyntax()
    {
    }
}

/// <summary>A part of a key without quotes.</summary>
public sealed class BareKeySyntax : BareKeyOrStringValueSyntax
{
    public SyntaxToken? Key { get; set; }
}
