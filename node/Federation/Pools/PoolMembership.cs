using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Athens.Federation.Node.Discovery;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Node.Provenance.Trust;

namespace Athens.Federation.Node.Federation.Pools;

/// <summary>
/// Puts into force what the pool says: who is a peer of which organization, what it takes to be believed, and which organization this node is of.
/// While this node's own organization does not stand in the root, or the root has expired, nothing of the pool is in force.
/// </summary>
internal sealed class PoolMembership : IHostedService, IDisposable
{
    /// <summary>Digits of a change's id that people are shown.</summary>
    private const int ShortId = 8;

    private const string Joining = "joining";

    private readonly PoolBook book;
    private readonly PeerList peers;
    private readonly PrivateGate gate;
    private readonly TrustDesk desk;
    private readonly FederationOptions options;
    private readonly PeerKey own;
    private readonly PoolTag tag;
    private readonly ILogger logger;

    // Guards what is put into force, so that of two changes at once the later stays.
    private readonly Lock changing = new();
    private string said = "";
    private readonly LapsedMembers lapsed;
    private HashSet<string> announced = new(StringComparer.Ordinal);

    public PoolMembership(
        PoolBook book, PeerList peers, PrivateGate gate, TrustDesk desk, FederationOptions options, NodeCertificate certificate, PoolTag tag, TimeProvider time, ILogger<PoolMembership> logger)
    {
        this.book = book;
        this.peers = peers;
        this.gate = gate;
        this.desk = desk;
        this.options = options;
        own = certificate.Key;
        this.tag = tag;
        lapsed = new LapsedMembers(time);
        this.logger = logger;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        book.Changed += Apply;
        Apply();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => book.Changed -= Apply;

    private void Apply()
    {
        lock (changing)
        {
            PoolState? state = book.Current;
            PoolState? member = state is not null && IsMember(state) ? state : null;
            gate.Org = member?.OwnOrg ?? options.Org;
            desk.Rules = member is null ? options.Rules() : Rules(member);
            IReadOnlyList<NodeStatement> waiting = lapsed.Of(member);
            peers.Set(PeerOrigin.Pool, member is null ? [] :
            [
                .. member.Members.Select(static one => one.Statement).Where(IsOther).Select(one => Peer(one, !member.IsExpired)),
                .. waiting.Where(IsOther).Where(one => !member.HasMember(one.Identity)).Select(static one => Peer(one, isBelieved: false)),
            ]);
            tag.Current = member is null ? "" : TagOf(member.Id);
            Say(state);
            Announce(state);
        }
    }

    private TrustRules Rules(PoolState member) => (options with
    {
        Org = member.OwnOrg,
        Quorum = Math.Max(options.Quorum, member.Root.Quorum),

        // What the operator says of a pattern stands above what the pool says.
        Namespaces = member.Root.Namespaces.Where(pair => !options.Namespaces.ContainsKey(pair.Key)).Concat(options.Namespaces)
            .ToDictionary(static pair => pair.Key, static pair => pair.Value, StringComparer.Ordinal),
    }).Rules();

    /// <summary>Tells members from strangers on a LAN, to those alone who know the pool's id.</summary>
    private static string TagOf(string poolId) =>
        Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes($"athens-pool-tag {poolId}")))[..PoolTag.Length];

    /// <summary>Its organization is one of the pool's, and this node was not taken out.</summary>
    private bool IsMember(PoolState state) => state.HasOwnOrg() && !state.IsRevokedByOwnOrg(own.Bytes);

    private bool IsOther(NodeStatement member) => !member.Identity.Span.SequenceEqual(own.Bytes.Span);

    private static PeerOptions Peer(NodeStatement statement, bool isBelieved) => new(
        $"{statement.Org}/{statement.Node}",
        statement.Endpoints.FirstOrDefault(""),
        PeerKey.Of(statement.Identity.Span),
        statement.Org,
        isBelieved ? PeerTrust.Observe : PeerTrust.None)
    {
        Log = statement.Log.ToString(),
    };

    /// <summary>A person of this organization is asked once for each change that waits for it.</summary>
    private void Announce(PoolState? state)
    {
        Proposal[] waiting = [.. (state?.Proposals ?? []).Where(one => !one.SignedBy.Contains(state!.OwnOrg, StringComparer.Ordinal))];
        foreach (Proposal proposal in waiting.Where(one => !announced.Contains(one.Id)))
        {
            logger.Proposed(PoolChange.Describe(state!.Root, proposal.Root), proposal.Id[..ShortId]);
        }

        announced = [.. waiting.Select(static one => one.Id)];
    }

    private void Say(PoolState? state)
    {
        if (state is null)
        {
            return;
        }

        if (!state.HasOwnOrg() && !state.WasRemoved())
        {
            if (!string.Equals(said, Joining, StringComparison.Ordinal))
            {
                said = Joining;
                logger.NotYetMember(state.Root.Name, state.OwnOrg);
            }

            return;
        }

        string now = $"{state.Root.Sha256} {IsMember(state)} {state.IsExpired} {state.ExpiresSoon} {state.Members.Count}";
        if (string.Equals(now, said, StringComparison.Ordinal))
        {
            return;
        }

        said = now;
        PoolRoot root = state.Root;
        if (!IsMember(state))
        {
            logger.NoMember(root.Name, state.OwnOrg, root.Version);
        }
        else if (state.IsExpired)
        {
            logger.RootExpired(root.Name, root.Expires);
        }
        else
        {
            logger.Member(root.Name, root.Version, root.Orgs.Count, root.Quorum, state.OwnOrg, state.Members.Count(one => IsOther(one.Statement)));
            if (state.ExpiresSoon)
            {
                logger.RootExpires(root.Name, root.Expires);
            }
        }
    }
}
