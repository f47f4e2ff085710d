using System.Diagnostics.CodeAnalysis;

namespace Athens.Federation.Node.Transparency;

/// <summary>
/// A security failure: tiles do not belong to the signed head they were read for, so their source lies or is broken. Not to be retried at the
/// same source nor told as "not found". The tiles are evidence against whoever served them, not against the log's key, which did not sign them.
/// </summary>
[SuppressMessage("Design", "CA1032", Justification = "Without its evidence it says nothing.")]
internal sealed class BadTileException(string message, TreeHead head, IReadOnlyList<TileContent> tiles) : Exception(message)
{
    /// <summary>The head that was believed.</summary>
    public TreeHead Head { get; } = head;

    /// <summary>The tiles of which at least one is wrong, as they came.</summary>
    public IReadOnlyList<TileContent> Tiles { get; } = tiles;
}
