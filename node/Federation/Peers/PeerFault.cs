namespace Athens.Federation.Node.Federation.Peers;

/// <summary>What was wrong with a peer's answer, or with there being none.</summary>
internal enum PeerFault
{
    /// <summary>The connection broke, or the peer says that it is going down.</summary>
    Unreachable,

    /// <summary>No answer, or no progress, in the time allowed.</summary>
    Slow,

    /// <summary>It refused for now (RESOURCE_EXHAUSTED); it may have said when to come back.</summary>
    Busy,

    /// <summary>An answer that the protocol does not allow, or a refusal that will not pass by itself.</summary>
    Protocol,

    /// <summary>
    /// What it said is proven untrue: a wrong signature, a record that contradicts itself, bytes that do not fit their
    /// record. A security event.
    /// </summary>
    Lied,
}
