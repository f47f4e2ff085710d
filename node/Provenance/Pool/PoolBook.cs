using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>
/// All that a node knows of its pool: the chain of roots, the node statements, the proposals and its own invitations, in <c>&lt;data&gt;/pool</c>.
/// What is given to it may be anybody's; what it takes is checked against the rule, and durable before it is seen or said. Thread safe; touches the
/// disk. When the disk fails nothing changes, and what was given is refused with a sentence that says so.
/// </summary>
internal sealed class PoolBook : IDisposable
{
    /// <summary>Digits of an id that people are shown, and with which they can name it.</summary>
    public const int ShownDigits = 8;

    /// <summary>Timers cannot wait for longer than some weeks; looking once a day costs nothing.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    /// <summary>Guards all below; <see cref="current"/> is read without it.</summary>
    private readonly Lock gate = new();

    private readonly TimeProvider time;
    private readonly PoolStore store;
    private readonly SignedVersions signed;
    private readonly InvitationDesk invitations;
    private readonly PoolReports reports;
    private readonly ITimer timer;
    private PoolContent? content;
    private volatile PoolState? current;

    private PoolBook(PoolFolder folder, TimeProvider time, ILogger logger)
    {
        this.time = time;
        store = new PoolStore(folder);
        reports = new PoolReports(folder, logger);
        folder.Prepare();
        content = store.Read(time.GetUtcNow());
        signed = new SignedVersions(folder);
        invitations = new InvitationDesk(folder, time, logger);
        timer = time.CreateTimer(static book => ((PoolBook)book!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Publish(content, time.GetUtcNow());
    }

#pragma warning disable MA0046 // An event without a sender and arguments: there is one pool, and it is asked for what changed.
    /// <summary>
    /// After every change of <see cref="Current"/>, also when time made it; on the thread that made the change, outside of the book's lock.
    /// </summary>
    public event Action? Changed;
#pragma warning restore MA0046

    /// <summary>How long before its expiry a root is called to be expiring: orgs need some weeks to sign the next one.</summary>
    public static TimeSpan EarlyWarning { get; } = TimeSpan.FromDays(30);

    /// <summary>The pool as it is known now; null when the node is in none.</summary>
    public PoolState? Current => current;

    /// <summary>Whether an invitation of this node can still be used; one that was used can be by the same node, whose answer may have been lost.</summary>
    public bool HasOpenInvitations => Invitations.Count > 0;

    /// <summary>The invitations of this node that have not expired, used ones too; the first to expire comes first.</summary>
    public IReadOnlyList<OpenInvitation> Invitations
    {
        get
        {
            lock (gate)
            {
                return invitations.All;
            }
        }
    }

    /// <summary>Reads what is kept, and checks it again.</summary>
    /// <param name="folder">The pool's own; null keeps everything in memory only.</param>
    /// <param name="time">The node's clock.</param>
    /// <param name="logger">Told of security failures and of what an operator has to do.</param>
    /// <param name="written">Called when a file is written and has not its name yet, for tests.</param>
    /// <exception cref="IOException">What is kept cannot be used; the message says what to do.</exception>
    public static PoolBook Open(string? folder, TimeProvider time, ILogger logger, Action<string>? written = null) =>
        new(new PoolFolder(folder is null ? null : Path.GetFullPath(folder), written), time, logger);

    /// <summary>A new pool of one org.</summary>
    /// <param name="name">The pool's.</param>
    /// <param name="org">The own org's name.</param>
    /// <param name="orgKey">Its key, which signs the first root.</param>
    /// <param name="quorum">See <see cref="PoolRoot.Quorum"/>.</param>
    public PoolTaken Create(string name, string org, SigningKey orgKey, int quorum) => Enter(now =>
    {
        var root = PoolRoot.First(name, new PoolOrg(org, orgKey.Verifier), quorum, PoolSyntax.Whole(now));
        var chain = RootChain.Read(root.Sha256, [SignedNote.Sign(root.Text, orgKey)], out var reason);
        return chain is null ? PoolStep.Refuse(reason!) : PoolStep.Take($"pool {name} is made", PoolContent.Of(chain, org));
    });

    /// <summary>Joins a pool from nothing. A node that is in it already takes what is new of the chain.</summary>
    /// <param name="poolId">What the first root must hash to.</param>
    /// <param name="chain">The notes of all roots, from the first on.</param>
    /// <param name="ownOrg">The own org's name; it need not stand in the root yet.</param>
    public PoolTaken Join(string poolId, IReadOnlyList<ReadOnlyMemory<byte>> chain, string ownOrg)
    {
        if (current is { } known && known.Id == poolId && known.OwnOrg == ownOrg)
        {
            var ends = chain.Take(RootChain.MaxRoots).Select(TakeRoot).ToList();
            var bad = ends.Find(one => one.End is PoolEnd.Refused or PoolEnd.Conflict);
            return bad.Reason is not null ? bad : new PoolTaken(PoolEnd.Known, "this node is in the pool already");
        }

        return Enter(_ => !PoolSyntax.IsName(ownOrg) ? PoolStep.Refuse("an org's name has 1 to 64 letters, digits, dots, dashes and underscores")
            : RootChain.Read(poolId, chain, out var reason) is not { } read ? PoolStep.Refuse(reason!)
            : PoolStep.Take($"this node is in pool {read.Tip.Name}", PoolContent.Of(read, ownOrg)));
    }

    /// <summary>Joins the pool of another book of this process: what was checked there is neither checked nor in memory twice.</summary>
    public PoolTaken Join(PoolBook other, string ownOrg) => Enter(_ =>
        other.content is { } kept ? PoolStep.Take("this node is in the other's pool", kept with { OwnOrg = ownOrg }) : new PoolStep(NoPool));

    /// <summary>
    /// Takes one follower of the current root; or of an older one, if its version is higher than the version of the follower that is known: then that
    /// one and all after it are given up.
    /// </summary>
    public PoolTaken TakeRoot(ReadOnlyMemory<byte> note) => Change((was, now) => was.TakeRoot(note, now));

    /// <summary>Takes a proposal, or further signatures on one; adopts it when they are enough.</summary>
    public PoolTaken TakeProposal(ReadOnlyMemory<byte> note) => Change((was, now) => was.TakeProposal(note, now));

    /// <summary>Takes what an org says of one of its nodes.</summary>
    public PoolTaken TakeStatement(ReadOnlyMemory<byte> note) => Change((was, now) => was.TakeStatement(note, now));

    /// <summary>The same of several, as one change, however many they are. The ends stand in their order.</summary>
    public IReadOnlyList<PoolTaken> TakeStatements(IReadOnlyList<ReadOnlyMemory<byte>> notes)
    {
        List<PoolTaken> ends = [];
        var taken = Change((was, now) => was.TakeStatements(notes, now, ends));
        return taken.End == PoolEnd.Refused ? [.. notes.Select(_ => taken)] : ends;
    }

    /// <summary>Proposes a follower of the current root, signs and keeps it; adopts it when that is enough.</summary>
    /// <param name="change">
    /// Makes the new root of the current one (<see cref="PoolRoot.AddOrg"/> and its like, one or several); version, previous and issued are set here.
    /// </param>
    /// <param name="orgKey">Of an org of the current root.</param>
    /// <returns>With the proposal, also when it was adopted: then nothing is missing, and its id is the current root's hash.</returns>
    public (PoolTaken Taken, Proposal? Proposal) Propose(Func<PoolRoot, PoolRoot> change, SigningKey orgKey)
    {
        Proposal? proposal = null;
        var taken = Change((was, now) => RootSigning.Propose(was, change, orgKey, signed, now, out proposal));
        return (taken, taken.End == PoolEnd.Refused ? null : proposal);
    }

    /// <summary>Approves a proposal; adopts it when that is enough.</summary>
    /// <param name="proposalId">The id, or at least its first eight digits.</param>
    /// <param name="orgKey">Of an org of the current or the proposed root.</param>
    public PoolTaken Sign(string proposalId, SigningKey orgKey) => Change((was, now) => RootSigning.Sign(was, proposalId, orgKey, signed, now));

    /// <summary>Takes what was signed on another machine: the note of a proposal, of a root or of a node statement.</summary>
    public PoolTaken TakeSignature(ReadOnlyMemory<byte> note) => Change((was, now) =>
        RootChain.ReadRoot(note, out _, out _) is not { } root ? was.TakeStatement(note, now)
        : root.Previous == was.Chain.Tip.Sha256 ? was.TakeProposal(note, now)
        : was.TakeRoot(note, now));

    /// <summary>Forgets the pool. Its files are moved aside, into <c>left/</c>.</summary>
    public PoolTaken Leave()
    {
        string name;
        lock (gate)
        {
            if (content is null)
            {
                return NoPool;
            }

            name = content.Chain.Tip.Name;
            try
            {
                store.Leave(time.GetUtcNow());
            }
            catch (IOException error)
            {
                return NotKept(error);
            }

            invitations.Forget();
            Publish(null, time.GetUtcNow());
        }

        reports.Left(name);
        Changed?.Invoke();
        return new PoolTaken(PoolEnd.Taken, $"this node left pool {name}");
    }

    /// <summary>Makes an invitation, durable before it is returned. The secret is in the token only.</summary>
    /// <param name="grant"><see cref="Invitation.GrantOrg"/> or <see cref="Invitation.GrantNode"/>.</param>
    /// <param name="life">Up to 30 days.</param>
    /// <param name="seeds">1 to 8 nodes that the newcomer dials.</param>
    /// <exception cref="InvalidOperationException">
    /// The node is in no pool, too many invitations are open, or a part breaks a rule; the message says which, in one sentence.
    /// </exception>
    /// <exception cref="IOException">It could not be kept.</exception>
    public Invitation Invite(string grant, TimeSpan life, IReadOnlyList<PoolSeed> seeds)
    {
        lock (gate)
        {
            var chain = content?.Chain ?? throw new InvalidOperationException(NoPool.Reason);
            if (life <= TimeSpan.Zero || life > InvitationDesk.MaxLife)
            {
                throw new InvalidOperationException($"An invitation holds for up to {InvitationDesk.MaxLife.TotalDays} days.");
            }

            var invitation = Invitation.Create(chain.Tip.Name, chain.Id, grant, time.GetUtcNow() + life, seeds);
            invitations.Add(invitation);
            return invitation;
        }
    }

    /// <summary>
    /// Uses an invitation for one identity, durably before it returns. Again by the same identity it is <see cref="PoolEnd.Known"/>, with the same
    /// grant; by another one it is refused, and a security event.
    /// </summary>
    public PoolTaken Redeem(byte[] secret, ReadOnlySpan<byte> identityKey, out string grant)
    {
        lock (gate)
        {
            try
            {
                return invitations.Redeem(secret, identityKey, out grant);
            }
            catch (IOException error)
            {
                grant = "";
                return NotKept(error);
            }
        }
    }

    /// <summary>Ends an invitation.</summary>
    /// <param name="id">Of the invitation, or at least its first eight digits.</param>
    public PoolTaken Withdraw(string id)
    {
        lock (gate)
        {
            try
            {
                return invitations.Withdraw(id);
            }
            catch (IOException error)
            {
                return NotKept(error);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => timer.Dispose();

    private static PoolTaken NoPool { get; } = new(PoolEnd.Refused, "this node is in no pool");

    private PoolTaken Enter(Func<DateTimeOffset, PoolStep> enter) => Apply((was, now) =>
    {
        try
        {
            return was is null ? enter(now) : PoolStep.Refuse($"this node is in pool {was.Chain.Tip.Name}; it has to leave that one first");
        }
        catch (InvalidOperationException error)
        {
            return PoolStep.Refuse(error.Message.TrimEnd('.'));
        }
    });

    private PoolTaken Change(Func<PoolContent, DateTimeOffset, PoolStep> change) =>
        Apply((was, now) => was is null ? new PoolStep(NoPool) : change(was, now));

    private PoolTaken Apply(Func<PoolContent?, DateTimeOffset, PoolStep> change)
    {
        PoolStep step;
        PoolContent? before;
        lock (gate)
        {
            before = content;
            var now = time.GetUtcNow();
            try
            {
                step = change(before, now);
                if (step.Next is { } next)
                {
                    store.Write(before, next);
                    Publish(next, now);
                }
            }
            catch (IOException error)
            {
                return NotKept(error);
            }
        }

        reports.Tell(before, step);
        if (step.Next is not null)
        {
            Changed?.Invoke();
        }

        return step.Taken;
    }

    /// <summary>Makes it what is seen, and waits for the next moment at which time alone changes something.</summary>
    private void Publish(PoolContent? next, DateTimeOffset now)
    {
        content = next;
        current = next?.ToState(now);
        reports.Expiry(current);
        var wait = next?.NextChange(now) is { } at ? at - now : LongestWait;
        timer.Change(next is null ? Timeout.InfiniteTimeSpan : wait < LongestWait ? wait : LongestWait, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Time has passed: what expired goes.</summary>
    private void Look()
    {
        bool isOther;
        lock (gate)
        {
            if (content is null || current is not { } before)
            {
                return;
            }

            var now = time.GetUtcNow();
            var next = content.Without(now);
            try
            {
                store.Write(content, next);
            }
            catch (IOException error)
            {
                // What has expired counts for nothing, on disk or not.
                NotKept(error);
            }

            var isSame = ReferenceEquals(next, content);
            Publish(next, now);
            isOther = !isSame || current.IsExpired != before.IsExpired || current.ExpiresSoon != before.ExpiresSoon;
        }

        if (isOther)
        {
            Changed?.Invoke();
        }
    }

    private PoolTaken NotKept(IOException error)
    {
        reports.NotKept(error.Message);
        return new PoolTaken(PoolEnd.Refused, $"the pool's files could not be written: {error.Message}");
    }
}
