using Athens.Federation.Node.Federation.Identity;

namespace Athens.Federation.Node.Federation.Serving;

/// <summary>
/// How much peers may ask at once: calls of one peer, of one organization and of all, and calls a second of one peer.
/// Keeps state only for peers that are configured, so it is bounded by their number.
/// </summary>
internal sealed class PeerLimits : IDisposable
{
    /// <summary>
    /// Calls of all peers at once. A stream that its reader leaves standing holds about 200 KiB (its frame, and what Kestrel
    /// has taken of it), so 1,000 of them stay at 200 MiB.
    /// </summary>
    public const int MaxCalls = 1000;

    /// <summary>
    /// Module versions that one peer waits for while this node fetches them (Locate.wait_ms): a build that begins misses some
    /// hundred at once. Who only waits does not count as a call; the answers, when all of them come, are 17 MB at most.
    /// </summary>
    public const int MaxWaits = 1000;

    /// <summary>When to come back because calls of one's own are under way: usual ones take less than this.</summary>
    public static readonly TimeSpan StreamsComeBack = TimeSpan.FromMilliseconds(250);

    /// <summary>Bursts of twice the rate: a build that begins asks for everything in its first second.</summary>
    private const int BurstSeconds = 2;

    // Guards everything below; held for a few operations on it.
    private readonly Lock gate = new();
    private readonly Dictionary<PeerKey, PeerUse> uses = [];
    private readonly Dictionary<string, OrgUse> orgs = new(StringComparer.Ordinal);
    private readonly FederationOptions options;
    private readonly PeerList peers;
    private readonly TimeProvider time;
    private int calls;

    public PeerLimits(FederationOptions options, PeerList peers, TimeProvider time)
    {
        this.options = options;
        this.peers = peers;
        this.time = time;
        peers.Changed += Forget;
    }

    /// <summary>Peers of which something is remembered.</summary>
    public int Remembered
    {
        get
        {
            lock (gate)
            {
                return uses.Count;
            }
        }
    }

    /// <param name="peer">Who calls.</param>
    /// <param name="cost">What the call is worth against the peer's rate, in plain calls.</param>
    public CallAdmission TryEnter(PeerOptions peer, int cost)
    {
        lock (gate)
        {
            PeerUse use = UseOf(peer);
            if (!use.Rate.TryTake(cost, out TimeSpan comeBack))
            {
                return new(null, $"more than {options.PeerRate} calls a second from one peer", comeBack);
            }

            string? full =
                use.Calls >= options.PeerStreams ? $"{use.Calls} calls of this peer are under way"
                : use.Org?.Calls >= options.OrgStreams ? $"{use.Org.Calls} calls of this peer's organization are under way"
                : calls >= MaxCalls ? $"{calls} calls of all peers are under way"
                : null;
            if (full is not null)
            {
                return new(null, full, StreamsComeBack);
            }

            Count(use, 1);
            return new(new CallLease(() => Leave(use)), "", TimeSpan.Zero);
        }
    }

    /// <summary>Takes from the peer's rate what a call turned out to be worth beyond a plain one; only later calls feel it.</summary>
    public void Charge(PeerOptions peer, int cost)
    {
        lock (gate)
        {
            UseOf(peer).Rate.Take(cost);
        }
    }

    /// <summary>Whether so many more module versions may be waited for; null when the peer would have more than <see cref="MaxWaits"/>.</summary>
    public CallLease? TryWait(PeerOptions peer, int modules)
    {
        lock (gate)
        {
            PeerUse use = UseOf(peer);
            if (use.Waits + modules > MaxWaits)
            {
                return null;
            }

            use.Waits += modules;
            return new CallLease(() => EndWait(use, modules));
        }
    }

    public void Dispose() => peers.Changed -= Forget;

    private void Leave(PeerUse use)
    {
        lock (gate)
        {
            Count(use, -1);
        }
    }

    private void EndWait(PeerUse use, int modules)
    {
        lock (gate)
        {
            use.Waits -= modules;
        }
    }

    private void Count(PeerUse use, int change)
    {
        calls += change;
        use.Calls += change;
        if (use.Org is { } org)
        {
            org.Calls += change;
        }
    }

    private PeerUse UseOf(PeerOptions peer)
    {
        if (uses.TryGetValue(peer.Key, out PeerUse? use))
        {
            return use;
        }

        OrgUse? org = null;
        if (peer.Org.Length > 0 && !orgs.TryGetValue(peer.Org, out org))
        {
            orgs[peer.Org] = org = new OrgUse();
        }

        TokenBucket rate = new(options.PeerRate, (double)options.PeerRate * BurstSeconds, time);
        return uses[peer.Key] = new PeerUse(rate, org);
    }

    // Calls under way keep counting on what they began with; a peer that changed its organization begins anew.
    private void Forget()
    {
        lock (gate)
        {
            foreach ((PeerKey key, PeerUse use) in uses)
            {
                PeerOptions? peer = peers.Find(key);
                if (peer is null || use.Org != orgs.GetValueOrDefault(peer.Org))
                {
                    uses.Remove(key);
                }
            }

            HashSet<string> named = [.. peers.Current.Select(static peer => peer.Org)];
            foreach (string org in orgs.Keys.Where(org => !named.Contains(org)).ToList())
            {
                orgs.Remove(org);
            }
        }
    }
}
