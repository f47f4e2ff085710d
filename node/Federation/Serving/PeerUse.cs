namespace Athens.Federation.Node.Federation.Serving;

/// <summary>What one peer uses of this node now. Guarded by the lock of <see cref="PeerLimits"/>.</summary>
internal sealed class PeerUse(TokenBucket rate, OrgUse? org)
{
    public TokenBucket Rate { get; } = rate;

    /// <summary>Shared with the other peers of its organization; null when it has none.</summary>
    public OrgUse? Org { get; } = org;

    public int Calls { get; set; }

    /// <summary>Module versions that are waited for.</summary>
    public int Waits { get; set; }
}

/// <summary>What all peers of one organization use together. Guarded by the lock of <see cref="PeerLimits"/>.</summary>
internal sealed class OrgUse
{
    public int Calls { get; set; }
}
