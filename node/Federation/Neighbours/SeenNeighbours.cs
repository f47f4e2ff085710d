using System.Net;
using Athens.Federation.Node.Discovery;
using Athens.Federation.Node.Federation.Identity;

namespace Athens.Federation.Node.Federation.Neighbours;

/// <summary>
/// The strangers on the LAN and in DNS, and which of them have proven who they are. Each is tried a few times and then left alone until it says something else of
/// itself. Thread-safe; bounded as the neighbourhood is.
/// </summary>
internal sealed class SeenNeighbours(TimeProvider time)
{
    /// <summary>Before each try after the first. A node that is just starting listens before it tells the LAN, so the first mostly does.</summary>
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10)];

    // Guards the table.
    private readonly Lock gate = new();
    private readonly Dictionary<string, Stranger> strangers = new(StringComparer.Ordinal);

    /// <summary>Raised when somebody may have proven a key, or gone, on the thread that found out.</summary>
#pragma warning disable MA0046 // An event without a sender and arguments: there is one table, and it is asked for.
    public event Action? Changed;
#pragma warning restore MA0046

    /// <summary>Those that have proven their keys, by name.</summary>
    public IReadOnlyList<SeenNeighbour> Current
    {
        get
        {
            lock (gate)
            {
                return [.. strangers.Values.Select(static stranger => stranger.Seen).OfType<SeenNeighbour>().OrderBy(static seen => seen.Instance, StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>These are the strangers now. Who has changed has proven nothing; who is not among them is forgotten.</summary>
    public void Follow(IEnumerable<Neighbour> now)
    {
        lock (gate)
        {
            var before = strangers.ToDictionary(StringComparer.Ordinal);
            strangers.Clear();
            foreach (var neighbour in now)
            {
                strangers[neighbour.Instance] = before.GetValueOrDefault(neighbour.Instance) is { } known && known.IsStill(neighbour)
                    ? known with { Neighbour = neighbour }
                    : new Stranger(neighbour, null, 0, long.MinValue);
            }
        }

        Changed?.Invoke();
    }

    /// <summary>One to be tried now; null and how long there is none.</summary>
    public Neighbour? Due(out TimeSpan? wait)
    {
        lock (gate)
        {
            var present = time.GetTimestamp();
            var waiting = strangers.Values.Where(static stranger => stranger.Seen is null && stranger.Tries <= Pauses.Length).MinBy(static stranger => stranger.NotBefore);
            wait = waiting is null ? null : waiting.NotBefore <= present ? TimeSpan.Zero : time.GetElapsedTime(present, waiting.NotBefore);
            return wait == TimeSpan.Zero ? waiting!.Neighbour : null;
        }
    }

    /// <summary>It was tried, and proved its key there; or nowhere.</summary>
    public void Tried(Neighbour neighbour, IPEndPoint? provenAt)
    {
        lock (gate)
        {
            if (strangers.GetValueOrDefault(neighbour.Instance) is { } stranger && stranger.IsStill(neighbour))
            {
                var pause = Pauses[Math.Min(stranger.Tries, Pauses.Length - 1)];
                strangers[neighbour.Instance] = stranger with
                {
                    Seen = provenAt is null ? null
                        : new SeenNeighbour(neighbour.Instance, PeerKey.Of(neighbour.ClaimedKey.Span), provenAt, neighbour.PoolTag) { IsPublished = neighbour.IsPublished },
                    Tries = stranger.Tries + 1,
                    NotBefore = time.GetTimestamp() + (long)(pause.TotalSeconds * time.TimestampFrequency),
                };
            }
        }

        Changed?.Invoke();
    }

    private sealed record Stranger(Neighbour Neighbour, SeenNeighbour? Seen, int Tries, long NotBefore)
    {
        /// <summary>What it says of itself is what was tried: the same key, and the address where it was proven is one of its own yet.</summary>
        public bool IsStill(Neighbour other) =>
            Neighbour.ClaimedKey.Span.SequenceEqual(other.ClaimedKey.Span)
            && string.Equals(Neighbour.PoolTag, other.PoolTag, StringComparison.Ordinal)
            && (Seen is null ? Neighbour.Endpoints.SequenceEqual(other.Endpoints) : other.Endpoints.Contains(Seen.Endpoint));
    }
}
