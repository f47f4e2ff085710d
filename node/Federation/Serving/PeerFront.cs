using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Athens.Federation.Node.Federation.Serving;

/// <summary>Serves peers while the node runs, once its store is open.</summary>
/// <param name="parts">The rest of the node.</param>
/// <param name="bind">Says Kestrel where to listen.</param>
internal sealed class PeerFront(PeerServingParts parts, Action<KestrelServerOptions> bind) : IHostedService
{
    private PeerListener? listener;

    /// <summary>Where it listens; null before it does.</summary>
    public Uri? Address => listener?.Address;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        listener = await PeerListener.StartAsync(parts, bind, cancellationToken);
        parts.Endpoints?.Listen(listener.Address);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref listener, null) is { } open)
        {
            await open.DisposeAsync();
        }
    }
}
