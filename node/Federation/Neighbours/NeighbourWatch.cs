using System.Net;
using Athens.Federation.Node.Discovery;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Provenance;

namespace Athens.Federation.Node.Federation.Neighbours;

/// <summary>Looks at who is on the LAN or in DNS: who claims a peer's key is that peer's connection to try, anybody else is asked once who he is.</summary>
/// <param name="neighbourhood">Who is there.</param>
/// <param name="peers">Who is a peer already.</param>
/// <param name="seen">Filled here.</param>
/// <param name="dialer">This node's TLS.</param>
/// <param name="words">How a person trusts one.</param>
/// <param name="logger">The room's.</param>
internal sealed class NeighbourWatch(
    INeighbourhood neighbourhood, PeerList peers, SeenNeighbours seen, PeerDialer dialer, PinWords words, ILogger<NeighbourWatch> logger) : BackgroundService
{
    /// <summary>A LAN full of false nodes has this node knock at four doors a second, never more.</summary>
    private static readonly TimeSpan BetweenProbes = TimeSpan.FromMilliseconds(250);

    /// <summary>Keys that are told in the log, each once.</summary>
    private const int MostTold = 1000;

    private readonly IdentityProbe probe = new(dialer);
    private readonly HashSet<PeerKey> told = [];
    private readonly Signal changed = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        neighbourhood.Changed += changed.Tell;
        peers.Changed += changed.Tell;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                Task next = changed.Next;
                seen.Follow(neighbourhood.Current.Where(IsStranger));
                if (seen.Due(out var wait) is { } neighbour)
                {
                    await TryAsync(neighbour, stoppingToken);
                    await Task.Delay(BetweenProbes, dialer.Time, stoppingToken);
                    continue;
                }

                await Signal.WaitAsync(next, wait ?? Timeout.InfiniteTimeSpan, dialer.Time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The node stops.
        }
        finally
        {
            neighbourhood.Changed -= changed.Tell;
            peers.Changed -= changed.Tell;
        }
    }

    private async Task TryAsync(Neighbour neighbour, CancellationToken stoppingToken)
    {
        var key = PeerKey.Of(neighbour.ClaimedKey.Span);
        IPEndPoint? proven = null;
        foreach (var endpoint in neighbour.Endpoints)
        {
            if (await probe.ProveAsync(endpoint, key, stoppingToken) is not { } failure)
            {
                proven = endpoint;
                break;
            }

            logger.NotProven(neighbour.Instance, endpoint.ToString(), failure);
        }

        seen.Tried(neighbour, proven);
        if (proven is not null && told.Count < MostTold && told.Add(key))
        {
            logger.Seen(neighbour.IsPublished ? "in DNS" : "on the LAN", neighbour.Instance, proven.ToString(), words.Here(key));
        }
    }

    private bool IsStranger(Neighbour neighbour)
    {
        var key = PeerKey.Of(neighbour.ClaimedKey.Span);
        return key != dialer.Own && peers.Find(key) is (null or { Origin: PeerOrigin.Found });
    }
}
