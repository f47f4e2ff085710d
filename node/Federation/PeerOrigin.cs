namespace Athens.Federation.Node.Federation;

/// <summary>Who says that a node is a peer. Where several do, the first of these decides what it is worth.</summary>
internal enum PeerOrigin
{
    /// <summary>A <c>[[peer]]</c> of the configuration.</summary>
    Configuration,

    /// <summary>A person, with <c>athens peers pin</c>.</summary>
    Pinned,

    /// <summary>The pool: a node that one of its organizations has signed for.</summary>
    Pool,

    /// <summary>Nobody: it was found on the LAN, and <c>[discovery] strangers</c> lets it give bytes that are proven otherwise.</summary>
    Found,
}
