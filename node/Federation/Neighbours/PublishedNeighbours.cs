using System.Net;
using Athens.Federation.Node.Discovery;
using Athens.Federation.Node.Federation.Identity;

namespace Athens.Federation.Node.Federation.Neighbours;

/// <summary>The nodes that DNS names, as far as they have proven who they are. Filled by <see cref="PublishedWatch"/>. Safe for any thread.</summary>
internal sealed class PublishedNeighbours : INeighbourhood
{
    private volatile IReadOnlyList<Neighbour> current = [];

    public event Action? Changed;

    public IReadOnlyList<Neighbour> Current => current;

    /// <summary>Who has proven which key where, the best addresses first.</summary>
    public void Be(IEnumerable<(PeerKey Key, IPEndPoint At)> proven)
    {
        List<Neighbour> now =
        [
            .. proven.GroupBy(static one => one.Key, static one => one.At).Select(static one =>
                new Neighbour(OwnInstance.Name(one.Key.Bytes.Span), [.. one.Take(Neighbour.MaxEndpoints)], one.Key.Bytes, "") { IsPublished = true }),
        ];
        if (!now.SequenceEqual(current))
        {
            current = now;
            Changed?.Invoke();
        }
    }
}
