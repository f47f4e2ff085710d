namespace Athens.Federation.Node.Retrieval;

/// <summary>
/// The peers of this node, asked before the upstream. They supply bytes; whether those are believed is decided by
/// <see cref="PeerFetch.Trust"/> and by <see cref="PeerFetch.VerifyAsync"/>, never by who sent them.
/// </summary>
internal interface IPeerSource
{
    /// <summary>
    /// Looks for a module version among peers and fills <see cref="PeerFetch.Staged"/>. Found: the files staged last were
    /// accepted by <see cref="PeerFetch.VerifyAsync"/>. Absent: no peer holds it, which says nothing of the world.
    /// NotHeld: peers hold it, but what is known is not enough to believe them; the reason says what is missing. Unavailable: it is believed, but no
    /// holder could deliver it. Conflicting: refused, trusted records disagree or an incident stands against it.
    /// </summary>
    Task<Outcome<ModuleFacts>> FetchAsync(PeerFetch fetch, CancellationToken cancellationToken);

    /// <summary>Tagged versions that peers hold on a trusted record. Absent: none does. Has a short deadline of its own.</summary>
    Task<Outcome<VersionList>> VersionsAsync(string path, CancellationToken cancellationToken);

    /// <summary>A query's answer out of what peers hold on a trusted record. Absent: none can tell. Has a short deadline of its own.</summary>
    Task<Outcome<ResolvedVersion>> ResolveAsync(string path, string query, CancellationToken cancellationToken);
}
