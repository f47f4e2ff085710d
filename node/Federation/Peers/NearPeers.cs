using System.Buffers.Binary;
using System.Security.Cryptography;
using Athens.Federation.Node.Federation.Identity;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>
/// Chooses the peers that a connection is kept to. In a small pool, all. In one of more than <c>[pool] mesh</c> other nodes: those of this node's own organization, whoever
/// a person has named or was found near, and of each other organization the few that this node ranks highest. Each node ranks them otherwise, so all of an organization's
/// are chosen about equally often; the logs of the others come through these (<see cref="Logs.RelayFollowing"/>).
/// </summary>
/// <param name="own">This node's identity.</param>
/// <param name="gate">Knows this node's organization.</param>
/// <param name="options">Say up to which size a pool is connected each to each.</param>
internal sealed class NearPeers(PeerKey own, PrivateGate gate, FederationOptions options)
{
    /// <summary>Of each other organization: one more than is needed, since one of them may be restarting.</summary>
    public const int OfOrg = 2;

    /// <summary>Of those that were ranked higher and cannot be reached, so many are tried on, beside those that were taken in their place.</summary>
    public const int MostMissed = 2;

    /// <summary>Those of <paramref name="peers"/> that a connection is kept to.</summary>
    public HashSet<Peer> Of(IReadOnlyList<Peer> peers)
    {
        // Witnesses' signatures come with the heads that a log's own node tells of.
        if (options.Witnesses > 0 || peers.Count(static peer => IsOfPool(peer)) <= options.Mesh)
        {
            return [.. peers];
        }

        HashSet<Peer> near = [.. peers.Where(peer => !IsOfPool(peer) || gate.IsInside(peer.Options))];
        foreach (IGrouping<string, Peer> org in peers.Where(peer => !near.Contains(peer)).GroupBy(static peer => peer.Options.Org, StringComparer.Ordinal).ToList())
        {
            near.UnionWith(Choose(org));
        }

        return near;
    }

    /// <summary>For <see cref="Peer.Preference"/>.</summary>
    public ulong PreferenceFor(PeerKey peer) =>
        BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData([.. own.Bytes.Span, .. peer.Bytes.Span]));

    private static bool IsOfPool(Peer peer) => peer.Options.Origin == PeerOrigin.Pool;

    private static IEnumerable<Peer> Choose(IEnumerable<Peer> org)
    {
        (int hopeful, int missed) = (0, 0);
        foreach (Peer peer in org.OrderByDescending(static peer => peer.Preference))
        {
            if (hopeful == OfOrg)
            {
                yield break;
            }

            if (!peer.IsMissed)
            {
                hopeful++;
                yield return peer;
            }
            else if (missed++ < MostMissed)
            {
                yield return peer;
            }
        }
    }
}
