using System.Net;
using Athens.Federation.Node.Discovery;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Provenance;

namespace Athens.Federation.Node.Federation.Neighbours;

/// <summary>Asks who is at the addresses that DNS names, and again from time to time: a record has no key, and may be changed by others than the pool.</summary>
internal sealed class PublishedWatch(PublishedNodes nodes, PublishedNeighbours neighbours, PeerDialer dialer, ILogger<PublishedWatch> logger) : BackgroundService
{
    /// <summary>As on the LAN: a zone full of false addresses has this node knock at four doors a second.</summary>
    private static readonly TimeSpan BetweenProbes = TimeSpan.FromMilliseconds(250);

    /// <summary>After each failure in a row; then, and after a success, the last one.</summary>
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10)];

    private readonly IdentityProbe probe = new(dialer);
    private readonly Dictionary<IPEndPoint, Asked> asked = [];
    private readonly Signal changed = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        nodes.Changed += changed.Tell;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                Task next = changed.Next;
                var named = nodes.Current;
                foreach (var gone in asked.Keys.Except(named).ToList())
                {
                    asked.Remove(gone);
                }

                Tell(named);
                if (Due(named, out var wait) is { } door)
                {
                    await AskAsync(door, stoppingToken);
                    await Task.Delay(BetweenProbes, dialer.Time, stoppingToken);
                    continue;
                }

                await Signal.WaitAsync(next, wait, dialer.Time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The node stops.
        }
        finally
        {
            nodes.Changed -= changed.Tell;
        }
    }

    private void Tell(IReadOnlyList<IPEndPoint> named) => neighbours.Be(
        named.Where(door => asked.GetValueOrDefault(door)?.Key is { } key && key != dialer.Own).Select(door => (asked[door].Key!.Value, door)));

    /// <summary>One to be asked now; null and how long there is none.</summary>
    private IPEndPoint? Due(IReadOnlyList<IPEndPoint> named, out TimeSpan wait)
    {
        wait = Timeout.InfiniteTimeSpan;
        var now = dialer.Time.GetTimestamp();
        if (named.MinBy(door => asked.GetValueOrDefault(door)?.NotBefore ?? long.MinValue) is not { } first)
        {
            return null;
        }

        if (asked.GetValueOrDefault(first)?.NotBefore is { } notBefore && notBefore > now)
        {
            wait = dialer.Time.GetElapsedTime(now, notBefore);
            return null;
        }

        return first;
    }

    private async Task AskAsync(IPEndPoint door, CancellationToken stoppingToken)
    {
        var (key, failure) = await probe.WhoAsync(door, stoppingToken);
        var before = asked.GetValueOrDefault(door);
        var failures = key is null ? Math.Min((before?.Failures ?? 0) + 1, Pauses.Length) : Pauses.Length;
        if (key is null)
        {
            logger.NobodyPublished(door.ToString(), failure);
        }

        // Whom a short silence made unknown would be dialled nowhere: it was there.
        asked[door] = new Asked(key ?? before?.Key, key is null ? failures : 0, dialer.Time.GetTimestamp() + (long)(Pauses[failures - 1].TotalSeconds * dialer.Time.TimestampFrequency));
    }

    private sealed record Asked(PeerKey? Key, int Failures, long NotBefore);
}
