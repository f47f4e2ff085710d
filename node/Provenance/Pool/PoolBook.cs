using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>
/// All that a node knows of its pool: the chain of roots, the node statements, the proposals and its own invitations, in <c>&lt;data&gt;/pool</c>. What is
/// given to it may be anybody's; what it takes is checked against the rule, and durable before it is seen or said. Thread safe; touches the disk.
/// </summary>
internal sealed class PoolBook : IDisposable
{
    private PoolBook()
    {
    }

#pragma warning disable MA0046 // There is nothing to tell but that something changed.
    /// <summary>After every change of <see cref="Current"/>, also when time made it; on the thread that made the change, outside of the book's lock.</summary>
    public event Action? Changed
    {
        add => throw new NotSupportedException("To come.");
        remove => throw new NotSupportedException("To come.");
    }
#pragma warning restore MA0046

    /// <summary>How long before its expiry a root is called to be expiring: orgs need some weeks to sign the next one.</summary>
    public static TimeSpan EarlyWarning { get; } = TimeSpan.FromDays(30);

    /// <summary>The pool as it is known now; null when the node is in none.</summary>
    public PoolState? Current => throw new NotSupportedException("To come.");

    /// <summary>Whether an invitation of this node can still be used; one that was used can be by the same node, whose answer may have been lost.</summary>
    public bool HasOpenInvitations => throw new NotSupportedException("To come.");

    /// <summary>The invitations of this node that have not expired, used ones too; the first to expire comes first.</summary>
    public IReadOnlyList<OpenInvitation> Invitations => throw new NotSupportedException("To come.");

    /// <summary>Reads what is kept, and checks it again.</summary>
    /// <param name="folder">The pool's own; null keeps everything in memory only.</param>
    /// <param name="time">The node's clock.</param>
    /// <param name="logger">Told of security failures and of what an operator has to do.</param>
    /// <exception cref="IOException">What is kept cannot be used; the message says what to do.</exception>
    public static PoolBook Open(string? folder, TimeProvider time, ILogger logger) => throw new NotSupportedException("To come.");

    /// <summary>A new pool of one org.</summary>
    /// <param name="name">The pool's.</param>
    /// <param name="org">The own org's name.</param>
    /// <param name="orgKey">Its key, which signs the first root.</param>
    /// <param name="quorum">See <see cref="PoolRoot.Quorum"/>.</param>
    public PoolTaken Create(string name, string org, SigningKey orgKey, int quorum) => throw new NotSupportedException("To come.");

    /// <summary>Joins a pool from nothing. A node that is in it already takes what is new of the chain.</summary>
    /// <param name="poolId">What the first root must hash to.</param>
    /// <param name="chain">The notes of all roots, from the first on.</param>
    /// <param name="ownOrg">The own org's name; it need not stand in the root yet.</param>
    public PoolTaken Join(string poolId, IReadOnlyList<ReadOnlyMemory<byte>> chain, string ownOrg) => throw new NotSupportedException("To come.");

    /// <summary>
    /// Takes one follower of the current root; or of an older one, if its version is higher than the version of the follower that is known: then that
    /// one and all after it are given up.
    /// </summary>
    public PoolTaken TakeRoot(ReadOnlyMemory<byte> note) => throw new NotSupportedException("To come.");

    /// <summary>Takes a proposal, or further signatures on one; adopts it when they are enough.</summary>
    public PoolTaken TakeProposal(ReadOnlyMemory<byte> note) => throw new NotSupportedException("To come.");

    /// <summary>Takes what an org says of one of its nodes.</summary>
    public PoolTaken TakeStatement(ReadOnlyMemory<byte> note) => throw new NotSupportedException("To come.");

    /// <summary>Proposes a follower of the current root, signs and keeps it; adopts it when that is enough.</summary>
    /// <param name="change">Makes the new root of the current one (<see cref="PoolRoot.AddOrg"/> and its like, one or several); version, previous and issued are set here.</param>
    /// <param name="orgKey">Of an org of the current root.</param>
    public (PoolTaken Taken, Proposal? Proposal) Propose(Func<PoolRoot, PoolRoot> change, SigningKey orgKey) => throw new NotSupportedException("To come.");

    /// <summary>Approves a proposal; adopts it when that is enough.</summary>
    /// <param name="proposalId">The id, or at least its first eight digits.</param>
    /// <param name="orgKey">Of an org of the current or the proposed root.</param>
    public PoolTaken Sign(string proposalId, SigningKey orgKey) => throw new NotSupportedException("To come.");

    /// <summary>Takes what was signed on another machine: the note of a proposal, of a root or of a node statement.</summary>
    public PoolTaken TakeSignature(ReadOnlyMemory<byte> note) => throw new NotSupportedException("To come.");

    /// <summary>Forgets the pool. Its files are moved aside, into <c>left/</c>.</summary>
    public PoolTaken Leave() => throw new NotSupportedException("To come.");

    /// <summary>Makes an invitation, durable before it is returned. The secret is in the token only.</summary>
    /// <param name="grant"><see cref="Invitation.GrantOrg"/> or <see cref="Invitation.GrantNode"/>.</param>
    /// <param name="life">Up to 30 days.</param>
    /// <param name="seeds">1 to 8 nodes that the newcomer dials.</param>
    /// <exception cref="InvalidOperationException">
    /// The node is in no pool, too many invitations are open, or a part breaks a rule; the message says which, in one sentence.
    /// </exception>
    /// <exception cref="IOException">It could not be kept.</exception>
    public Invitation Invite(string grant, TimeSpan life, IReadOnlyList<PoolSeed> seeds) => throw new NotSupportedException("To come.");

    /// <summary>
    /// Uses an invitation for one identity, durably before it returns. Again by the same identity it is <see cref="PoolEnd.Known"/>, with the same grant; by
    /// another one it is refused, and a security event.
    /// </summary>
    public PoolTaken Redeem(byte[] secret, ReadOnlySpan<byte> identityKey, out string grant) => throw new NotSupportedException("To come.");

    /// <summary>Ends an invitation.</summary>
    /// <param name="id">Of the invitation, or at least its first eight digits.</param>
    public PoolTaken Withdraw(string id) => throw new NotSupportedException("To come.");

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
