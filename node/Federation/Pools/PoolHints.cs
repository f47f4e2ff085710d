using System.Net;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Node.Provenance;

namespace Athens.Federation.Node.Federation.Pools;

/// <summary>The further addresses that a member's statement has: a node in several networks is reached in one of them.</summary>
internal sealed class PoolHints : IPeerHints, IDisposable
{
    private readonly PoolBook book;
    private readonly Signal next = new();

    public PoolHints(PoolBook book)
    {
        this.book = book;
        book.Changed += next.Tell;
    }

    public Task Next => next.Next;

    public IReadOnlyList<IPEndPoint> For(PeerKey key) =>
    [
        .. (book.Current?.Members.FirstOrDefault(member => member.Statement.Identity.Span.SequenceEqual(key.Bytes.Span))?.Statement.Endpoints ?? [])
            .Skip(1)
            .Select(static endpoint => IPEndPoint.TryParse(endpoint, out IPEndPoint? address) ? address : null)
            .OfType<IPEndPoint>()
            .Take(PeerTarget.MaxHints),
    ];

    public void Dispose() => book.Changed -= next.Tell;
}
