namespace Athens.Federation.Node.Transparency;

/// <summary>
/// Which tiles to read for some hashes, and in which order so that each is proven by those before it: first those at the tree's right edge,
/// which together give the root, then downwards from a proven one to each that is wanted.
/// </summary>
internal sealed class TilePlan
{
    private readonly Dictionary<(int Level, long Index), int> places = [];
    private readonly List<Tile> tiles = [];
    private readonly long treeSize;

    public TilePlan(long treeSize, IEnumerable<TreeNode> wanted)
    {
        this.treeSize = treeSize;
        Edge = [.. new TreeRange(0, treeSize).Cover()];
        foreach (var node in Edge)
        {
            Add(Tile.Holding(node, treeSize));
        }

        EdgeTiles = tiles.Count;
        foreach (var node in wanted)
        {
            AddWithParents(Tile.Holding(node, treeSize));
        }
    }

    /// <summary>The subtrees that make up the tree.</summary>
    public IReadOnlyList<TreeNode> Edge { get; }

    /// <summary>How many tiles, the first ones, are proven by the root; each of the others, by the tile above it.</summary>
    public int EdgeTiles { get; }

    public IReadOnlyList<Tile> Tiles => tiles;

    /// <summary>The place in <see cref="Tiles"/> of the one that holds a subtree's hash.</summary>
    public int PlaceOf(TreeNode node)
    {
        var tile = Tile.Holding(node, treeSize);
        return places[(tile.Level, tile.Index)];
    }

    /// <summary>The subtree under a full tile: its hash stands in the tile above.</summary>
    public static TreeNode Below(Tile tile) => new((tile.Level + 1) * Tile.Height, tile.Index);

    private void AddWithParents(Tile tile)
    {
        // A tile that is not full is at the edge, so every step up begins with a full one, which the tree's next level has a hash of.
        var missing = new Stack<Tile>();
        while (!places.ContainsKey((tile.Level, tile.Index)))
        {
            missing.Push(tile);
            tile = Tile.Holding(Below(tile), treeSize);
        }

        while (missing.TryPop(out var next))
        {
            Add(next);
        }
    }

    private void Add(Tile tile)
    {
        if (places.TryAdd((tile.Level, tile.Index), tiles.Count))
        {
            tiles.Add(tile);
        }
    }
}
