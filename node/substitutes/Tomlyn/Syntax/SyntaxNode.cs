using System.Collections;

namespace Tomlyn.Syntax;

/// <summary>Anything that has a place in the text.</summary>
public abstract class SyntaxNodeBase
{
    public SourceSpan Span;
}

public abstract class SyntaxNode : SyntaxNodeBase;

/// <summary>A token as it stands in the text.</summary>
public sealed class SyntaxToken : SyntaxNode
{
    public string? Text { get; set; }
}

/// <summary>Nodes of one type, in the order of the text.</summary>
public sealed class SyntaxList<TSyntaxNode> : SyntaxNode, IEnumerable<TSyntaxNode>
    where TSyntaxNode : SyntaxNode
{
    private readonly List<TSyntaxNode> children = [];

    public int ChildrenCount => children.Count;

    public void Add(TSyntaxNode node) => children.Add(node);

    public IEnumerator<TSyntaxNode> GetEnumerator() => children.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
