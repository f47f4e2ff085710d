using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance;

namespace Athens.Federation.Node.Federation;

/// <summary>
/// The one place that decides whether a module path may be spoken of with a peer, asking or answering: a private path
/// passes only between nodes of one organization, and to those that it is shared with; what another organization shares with this one, back to that one. A node
/// without an organization keeps its private paths to itself.
/// </summary>
internal sealed class PrivateGate
{
    private readonly PrefixPatterns patterns;
    private readonly (PrefixPatterns Paths, string[] Orgs)[] shares;
    private readonly ReceivedModules? received;
    private volatile string org;

    public PrivateGate(FederationOptions options, ReceivedModules? received = null)
    {
        this.received = received;
        patterns = new PrefixPatterns(options.Private);
        org = options.Org;
        shares = [.. options.Share.Select(static share => (new PrefixPatterns(share.Key), share.Value.Split(',', StringSplitOptions.TrimEntries)))];
    }

    /// <summary>This node's organization: as the configuration has it, or the pool that the node is a member of; empty for none.</summary>
    public string Org
    {
        get => org;
        set => org = value;
    }

    public bool Allows(string modulePath, PeerOptions peer) => IsInside(peer)
        || (patterns.Matches(modulePath) ? IsShared(modulePath, peer.Org) : received?.GiverOf(modulePath) is not { } giver || string.Equals(giver, GiverOf(peer), StringComparison.Ordinal));

    /// <summary>Whether it may be told to nobody outside the organization, but to those who share it.</summary>
    public bool IsPrivate(string modulePath) => patterns.Matches(modulePath) || received?.Has(modulePath) == true;

    /// <summary>A peer as the giver of a private module: its organization, or itself when it has none.</summary>
    public static string GiverOf(PeerOptions peer) => peer.Org.Length > 0 ? peer.Org : peer.Key.ToString();

    /// <summary>Whether the peer is of this node's own organization.</summary>
    public bool IsInside(PeerOptions peer) => org.Length > 0 && string.Equals(org, peer.Org, StringComparison.Ordinal);

    private bool IsShared(string modulePath, string with) =>
        with.Length > 0 && Array.Exists(shares, share => share.Orgs.Contains(with, StringComparer.Ordinal) && share.Paths.Matches(modulePath));
}
