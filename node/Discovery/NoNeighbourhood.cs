namespace Athens.Federation.Node.Discovery;

/// <summary>Of a node that does not look: nobody, ever.</summary>
internal sealed class NoNeighbourhood : INeighbourhood
{
    public event Action? Changed
    {
        add { }
        remove { }
    }

    public IReadOnlyList<Neighbour> Current => [];
}
