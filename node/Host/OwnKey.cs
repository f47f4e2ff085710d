using Athens.Federation.Node.Federation.Identity;

namespace Athens.Federation.Node.Host;

/// <summary>A node is no peer of its own: the file of another node was taken over without a change.</summary>
internal static class OwnKey
{
    public static IReadOnlyList<ConfigurationError> ErrorsIn(ConfigurationResult loaded, PeerKey self) =>
    [
        .. loaded.Configuration!.Peers.Zip(loaded.PeerEntries)
            .Where(peer => peer.First.Key.Equals(self))
            .Select(peer => new ConfigurationError(
                peer.Second.Origin, 0, $"{ConfigurationPeers.Header} \"{peer.First.Name}\" has this node's own key: take it out of this node's file")),
    ];
}
