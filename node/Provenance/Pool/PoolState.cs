namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>What a node knows of its pool at one time. Never changes; a change makes another one.</summary>
/// <param name="Id">SHA-256 of the first root's text, 64 hex digits.</param>
/// <param name="Chain">Every root from the first to the current one.</param>
/// <param name="OwnOrg">The node's; need not (or no longer) stand in the root.</param>
/// <param name="Members">
/// Statements in force, one an identity, the own one included. They are who to talk with also when the root has expired, as its follower comes from
/// them; but then nobody is to be believed.
/// </param>
/// <param name="Statements">All that are kept and passed on, revoked ones too; newest first.</param>
/// <param name="Proposals">By version, then id.</param>
/// <param name="IsExpired">The current root is past its expiry: members are not to be believed.</param>
/// <param name="ExpiresSoon">In less than <see cref="PoolBook.EarlyWarning"/>, or has.</param>
internal sealed record PoolState(
    string Id,
    IReadOnlyList<SignedRoot> Chain,
    string OwnOrg,
    IReadOnlyList<SignedStatement> Members,
    IReadOnlyList<SignedStatement> Statements,
    IReadOnlyList<Proposal> Proposals,
    bool IsExpired,
    bool ExpiresSoon)
{
    private StatementSet? set;

    /// <summary>Tells whether two nodes keep the same statements: SHA-256 over the hashes of their texts, in ascending order. 32 bytes.</summary>
    public ReadOnlyMemory<byte> StatementsDigest => Set.Digest;

    /// <summary>Whether a statement with this <see cref="NodeStatement.Sha256"/> is kept.</summary>
    public bool Keeps(string statement) => Set.Contains(statement);

    /// <summary>The current one.</summary>
    public PoolRoot Root => Chain[^1].Root;

    /// <summary>
    /// Whether the own org took a node out. What other orgs say of it counts for nothing: any org can revoke what it calls its own, also a node that
    /// never was.
    /// </summary>
    /// <param name="identity">Ed25519, 32 bytes.</param>
    public bool IsRevokedByOwnOrg(ReadOnlyMemory<byte> identity) => Statements.Any(one =>
        one.Statement.IsRevoked
        && string.Equals(one.Statement.Org, OwnOrg, StringComparison.Ordinal)
        && one.Statement.Identity.Span.SequenceEqual(identity.Span));

    // Made when it is first asked for, and anew for a copy with other statements.
    private StatementSet Set => set is { } known && ReferenceEquals(known.Statements, Statements) ? known : set = new StatementSet(Statements);
}
