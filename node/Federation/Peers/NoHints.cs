using System.Net;
using Athens.Federation.Node.Federation.Identity;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>Of a node that finds nobody by itself.</summary>
internal sealed class NoHints : IPeerHints
{
    private readonly Task never = new TaskCompletionSource().Task;

    public Task Next => never;

    public IReadOnlyList<IPEndPoint> For(PeerKey key) => [];
}
