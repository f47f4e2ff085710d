using Athens.Federation.Node.Discovery;

namespace Athens.Federation.Node.Federation.Neighbours;

/// <summary>Those on the LAN, which are near, and then those that DNS names. Safe for any thread.</summary>
internal sealed class AllNeighbours(INeighbourhood lan, PublishedNeighbours published) : INeighbourhood
{
    public event Action? Changed
    {
        add
        {
            lan.Changed += value;
            published.Changed += value;
        }

        remove
        {
            lan.Changed -= value;
            published.Changed -= value;
        }
    }

    public IReadOnlyList<Neighbour> Current => [.. lan.Current, .. published.Current];
}
