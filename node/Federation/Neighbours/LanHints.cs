using System.Net;
using Athens.Federation.Node.Discovery;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Provenance;

namespace Athens.Federation.Node.Federation.Neighbours;

/// <summary>Where a peer says on the LAN, or DNS says, that it is, or somebody who claims its key. Addresses change, identities do not.</summary>
internal sealed class LanHints : IPeerHints, IDisposable
{
    private readonly INeighbourhood neighbourhood;
    private readonly Signal next = new();

    public LanHints(INeighbourhood neighbourhood)
    {
        this.neighbourhood = neighbourhood;
        neighbourhood.Changed += next.Tell;
    }

    public Task Next => next.Next;

    /// <summary>
    /// Of all who claim the key, first who has the name that goes with it, then one address of each in turn: many who claim the same must not keep the right
    /// one from being tried.
    /// </summary>
    public IReadOnlyList<IPEndPoint> For(PeerKey key)
    {
        var name = OwnInstance.Name(key.Bytes.Span);
        var claims = neighbourhood.Current
            .Where(neighbour => neighbour.ClaimedKey.Span.SequenceEqual(key.Bytes.Span))
            .OrderBy(neighbour => string.Equals(neighbour.Instance, name, StringComparison.Ordinal) ? 0 : 1)
            .ToList();
        return
        [
            .. claims.SelectMany(static neighbour => neighbour.Endpoints.Select(static (endpoint, turn) => (endpoint, turn)))
                .OrderBy(static one => one.turn)
                .Select(static one => one.endpoint)
                .Distinct()
                .Take(PeerTarget.MaxHints),
        ];
    }

    public void Dispose() => neighbourhood.Changed -= next.Tell;
}
