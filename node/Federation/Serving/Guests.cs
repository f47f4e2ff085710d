using Athens.Federation.Node.Federation.Identity;

namespace Athens.Federation.Node.Federation.Serving;

/// <summary>
/// Nodes that are no peers and may ask for one thing, to join, while an invitation is open. Keys cost nothing, so nothing is remembered of
/// any: all guests together have what is here. Thread safe.
/// </summary>
/// <param name="areWelcome">Asked with every handshake and call; must not block.</param>
/// <param name="time">The clock.</param>
internal sealed class Guests(Func<bool> areWelcome, TimeProvider time)
{
    /// <summary>Connections of all guests: people join one after another.</summary>
    public const int MaxConnections = 16;

    /// <summary>Calls of all guests: each may sign and write, and guessing an invitation gets nowhere.</summary>
    public const int MaxCalls = 4;

    private const int PerSecond = 4;

    private const int Burst = 16;

    // Guards all below.
    private readonly Lock gate = new();
    private readonly TokenBucket rate = new(PerSecond, Burst, time);
    private int connections;
    private int calls;

    /// <summary>For a node that invites nobody.</summary>
    public static Guests None(TimeProvider time) => new(static () => false, time);

    public bool AreWelcome => areWelcome();

    /// <summary>A place for one connection, given back by disposing; null when there is none.</summary>
    public IDisposable? TryConnect()
    {
        lock (gate)
        {
            if (!areWelcome() || connections >= MaxConnections)
            {
                return null;
            }

            connections++;
            return new CallLease(() => Leave(ref connections));
        }
    }

    /// <summary>Whether a guest's call may begin.</summary>
    public CallAdmission TryEnter()
    {
        lock (gate)
        {
            if (!areWelcome())
            {
                return new(null, "nobody is invited here now", Timeout.InfiniteTimeSpan);
            }

            if (!rate.TryTake(1, out TimeSpan comeBack))
            {
                return new(null, "too many ask to join", comeBack);
            }

            if (calls >= MaxCalls)
            {
                return new(null, "others are joining", PeerLimits.StreamsComeBack);
            }

            calls++;
            return new(new CallLease(() => Leave(ref calls)), "", TimeSpan.Zero);
        }
    }

    /// <summary>A guest in the place of a peer.</summary>
    public static PeerOptions Of(PeerKey key) => new($"guest-{key.Short}", "", key, "", PeerTrust.None);

    private void Leave(ref int count)
    {
        lock (gate)
        {
            count--;
        }
    }
}
