using System.Net;
using Athens.Federation.Node.Federation.Identity;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>Of all who may know where a peer is, one address of each in turn.</summary>
internal sealed class AllHints(IReadOnlyList<IPeerHints> sources) : IPeerHints
{
    // Made anew only when it has completed: each one hangs on the sources' for as long as they last.
    private volatile Task next = Task.CompletedTask;

    public Task Next
    {
        get
        {
            if (next is { IsCompleted: false } waiting)
            {
                return waiting;
            }

            return next = Task.WhenAny(sources.Select(static source => source.Next));
        }
    }

    public IReadOnlyList<IPEndPoint> For(PeerKey key) =>
    [
        .. sources.SelectMany(source => source.For(key).Select(static (address, turn) => (address, turn)))
            .OrderBy(static one => one.turn)
            .Select(static one => one.address)
            .Distinct()
            .Take(PeerTarget.MaxHints),
    ];
}
