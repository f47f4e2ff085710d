namespace Athens.Federation.Node.Federation.Peers;

/// <summary>How a call to a peer ended.</summary>
internal enum PeerCallEnd
{
    /// <summary>There is an answer.</summary>
    Answered,

    /// <summary>The peer does not hold it, or does not know the method.</summary>
    NotHeld,

    /// <summary>The peer refused for now: it may be asked again before long.</summary>
    Busy,

    /// <summary>The caller went away, or this node's own bound of calls to the peer left no time for the answer.</summary>
    GivenUp,

    /// <summary>Not asked at all: not connected, set aside, or not to be told of this module.</summary>
    NotAsked,

    /// <summary>The call failed, and the peer is set aside for it.</summary>
    Failed,
}

/// <summary>A unary call's end, with the answer exactly when <paramref name="End"/> is Answered.</summary>
internal readonly record struct PeerAnswer<T>(PeerCallEnd End, T? Value, string Reason)
    where T : class
{
    public static PeerAnswer<T> Of(T value) => new(PeerCallEnd.Answered, value, "");

    public static PeerAnswer<T> Not(PeerCallEnd end, string reason) => new(end, null, reason);
}
