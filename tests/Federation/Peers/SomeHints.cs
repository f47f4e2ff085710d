using System.Net;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Peers;

namespace Athens.Federation.Tests.Federation.Peers;

/// <summary>Hints that a test gives.</summary>
internal sealed class SomeHints : IPeerHints
{
    private volatile IPEndPoint[] endpoints = [];
    private TaskCompletionSource next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Next => Volatile.Read(ref next).Task;

    public IReadOnlyList<IPEndPoint> For(PeerKey key) => endpoints;

    public void Give(params string[] hints)
    {
        endpoints = [.. hints.Select(IPEndPoint.Parse)];
        Interlocked.Exchange(ref next, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }
}
