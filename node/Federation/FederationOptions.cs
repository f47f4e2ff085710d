using System.Collections.ObjectModel;
using Athens.Federation.Node.Provenance.Mirrors;
using Athens.Federation.Node.Provenance.Trust;

namespace Athens.Federation.Node.Federation;

/// <summary>
/// How this node serves peers and asks them. Keys of <c>[pool]</c>, and <c>[node] peer_listen</c>. Ranges are checked where
/// the configuration is read.
/// </summary>
internal sealed record FederationOptions
{
    public const int MaxPeerStreams = 1000;

    public const int MaxOrgStreams = 10_000;

    public const int MaxPeerRate = 100_000;

    public const int MaxWitnesses = 100;

    public const int MaxMesh = PeerList.MaxPeers;

    /// <summary>Go's own clients give up sooner; a LAN neighbour that has not fetched by then will not.</summary>
    public static readonly TimeSpan MaxLanWait = TimeSpan.FromMinutes(5);

    /// <summary>HOST:PORT that peers connect to (<c>peer_listen</c>); empty: peers are not served.</summary>
    public string Listen { get; init; } = "";

    /// <summary>The organization of this node (<c>org</c>); empty: none, and then no peer is of the same one.</summary>
    public string Org { get; init; } = "";

    /// <summary>Module paths that never leave the organization (<c>private</c>), in GOPRIVATE's syntax.</summary>
    public string Private { get; init; } = "";

    /// <summary>HOST:PORT where other members of the pool reach this node (<c>endpoint</c>); empty: at its own addresses.</summary>
    public string Endpoint { get; init; } = "";

    /// <summary>Private module paths that other organizations are told of, and which (<c>share</c>): pattern, then names between commas.</summary>
    public IReadOnlyDictionary<string, string> Share { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Module paths that another organization shares with this one, and which (<c>received</c>): private here, too.</summary>
    public IReadOnlyDictionary<string, string> Received { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Organizations that must have observed the same hashes before bytes of peers are believed (<c>quorum</c>, 1 to 100).</summary>
    public int Quorum { get; init; } = 1;

    /// <summary>Patterns of module paths, and the organization that alone is believed for them (<c>namespaces</c>).</summary>
    public IReadOnlyDictionary<string, string> Namespaces { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Calls at once from one peer (<c>peer_streams</c>, 1 to 1000).</summary>
    public int PeerStreams { get; init; } = 64;

    /// <summary>Calls at once from all peers of one organization (<c>org_streams</c>, 1 to 10000).</summary>
    public int OrgStreams { get; init; } = 256;

    /// <summary>Calls a second from one peer, bursts of twice that (<c>peer_rate</c>, 1 to 100000).</summary>
    public int PeerRate { get; init; } = 500;

    /// <summary>Bytes a second to all peers together (<c>egress</c>); 0: no ceiling.</summary>
    public long Egress { get; init; }

    /// <summary>How much of the logs of trusted peers is mirrored (<c>mirror</c>).</summary>
    public MirrorText Mirror { get; init; } = MirrorText.Observed;

    /// <summary>How many organizations, other than a log's own, must have witnessed a head of it before it is believed (<c>witnesses</c>, 0 to 100).</summary>
    public int Witnesses { get; init; }

    /// <summary>
    /// Other nodes of the pool up to which a connection is kept to each (<c>mesh</c>, 1 to 1000); of a larger pool to some (<see cref="Peers.NearPeers"/>).
    /// </summary>
    public int Mesh { get; init; } = 64;

    /// <summary>
    /// How long to wait for the neighbour on the LAN that was elected to go upstream (<c>lan_wait</c>, 0 s to 5 min); 0: no
    /// election.
    /// </summary>
    public TimeSpan LanWait { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The rules by which peers' bytes are believed. What is private belongs to the organization: nobody else is asked for it.</summary>
    public TrustRules Rules() => new(
        Quorum,
        Private.Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Where(pattern => Org.Length > 0 && !Namespaces.ContainsKey(pattern))
            .Distinct(StringComparer.Ordinal)
            .Select(pattern => KeyValuePair.Create(pattern, Org))
            .Concat(Namespaces));
}
